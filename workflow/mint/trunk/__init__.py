"""Static optimization of the trunk: muscle activations that balance it under the predicted ground forces."""
