"""What tests and benchmarks share: synthetic articles, a store under attack, the attacks on it."""
