"""Measurements of the promises about speed and size; prints figures and asserts nothing."""
