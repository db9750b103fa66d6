"""The web chat: pages, endpoints for programs, sign-in. Imports `qa` and, to change articles, `index`."""
