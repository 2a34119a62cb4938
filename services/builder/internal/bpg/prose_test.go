package bpg

import (
	"strings"
	"testing"
)

// What is called plain is what prose would leave as it is: the short way gives the same text.
func FuzzPlain(f *testing.F) {
	for _, s := range []string{"", "a b", " a", "a ", "a  b", "a\tb", "*a*", "é « b » – c", "a\u200bb", "a\u202eb", "a\u00a0b", "<b>", "a\\b", "\xff", "50 %", "\u2028", "𝒜 1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if long := markup.Replace(visible(strings.Join(strings.Fields(s), " "))); plain(s) && long != s {
			t.Errorf("%q is called plain and would become %q", s, long)
		}
	})
}
