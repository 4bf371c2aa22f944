"""Who carries the body: feet on one level floor, or something the method cannot see; moving belts."""
