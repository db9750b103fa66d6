"""The rules behind qa.conversation: what a question says, what it leaves unsaid, and what that stands for."""
