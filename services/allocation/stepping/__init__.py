"""Cases that step up, step down, or go to another authority."""
