"""`python -m index.search`: make the default embedder ahead of the first question, as the set-up does."""

from index.derived import derived
from index.search.int8 import recipe

if __name__ == "__main__":
    print(f"the embedder: {derived(recipe(), print)}")
