package eval

import "testing"

func TestDbg(t *testing.T) {
	c, err := Load(Files(), "cases")
	n := map[string]int{}
	for _, x := range c {
		n[x.Lang]++
	}
	t.Log(n, err)
}
