"""From a motion file to what networks see at 20 frames/s: HumanML3D's features, and features in a gravity frame."""
