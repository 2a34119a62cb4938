//go:build !race

package reader_test

const (
	race   = false
	slower = 1
)
