"""Attacks on the served chat: `python -m benchmarks.attacks --web`. Nothing but this machine's loopback is asked."""
