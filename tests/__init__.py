"""The tests; `support` is what they share with the benchmarks."""
