"""Trees become what AWS will see."""
