//go:build race

package reader_test

const (
	race   = true
	slower = 10 // times, with the race detector
)
