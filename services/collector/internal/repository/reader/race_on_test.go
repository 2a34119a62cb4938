//go:build race

package reader_test

const race = true
