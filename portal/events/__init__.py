"""Events for applications: both bot generations, the News Feed, installations."""
