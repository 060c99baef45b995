"""Make a message fit its limits by removing the least important parts."""
