"""`python -m qa.reader`: make the large reader ahead of the first question, as the set-up does; say which answers."""

from qa.reader.choice import choose

if __name__ == "__main__":
    choice = choose()
    print(f"the {choice.name} reader answers: {choice.weights}")
