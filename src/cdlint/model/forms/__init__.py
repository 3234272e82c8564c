"""The forms that a pipeline or a build project is written in, each put into the API's shape."""
