"""English words that say nothing of what a text is about: those that everyone here leaves out.

Who leaves out more adds it where it does: the word index, the order of passages, the ends of a list's items.
"""

FUNCTION_WORDS = frozenset(
    """
    a an and are as at be but by did do does for how in is it of on or that the their there these they this to was what
    when where which who whom whose why will with
    """.split()  # noqa: SIM905 - a list of words is read more easily so
)
