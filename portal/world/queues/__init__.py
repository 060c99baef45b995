"""Events that wait until applications fetch them."""
