package apifacts

import "errors"

var (
	// ErrUnknownRelease is returned when there are no facts for a release.
	ErrUnknownRelease = errors.New("no API facts for this release")
	// ErrNotImplemented is returned when the API has no such path, or the path has no such method.
	ErrNotImplemented = errors.New("not implemented")
)
