"""Body: untrusted motion to checked motion, to shape, ground and virtual markers."""
