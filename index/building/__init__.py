"""Articles in, the store's next generation out: what is split and embedded anew, resumed, reported, watched."""
