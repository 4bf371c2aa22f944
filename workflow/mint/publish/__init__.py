"""The release: the dataset as a folder to hand on, with data card, licences, Croissant metadata and checksums."""
