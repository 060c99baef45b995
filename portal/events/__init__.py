"""What the portal tells applications: both bot generations, the feed, installations; and its delivery."""
