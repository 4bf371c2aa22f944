"""Jobs of several chunks: what is done already stays, what is new runs in a child of its own, each leaves its trace."""
