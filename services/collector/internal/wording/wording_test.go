package wording

import "testing"

// What is free is rounded down: nobody is promised more than there is.
func TestSizes(t *testing.T) {
	const gib = int64(1) << 30
	for want, got := range map[string]string{
		"20.7 GiB": Room("en", 20*gib+gib*79/100), "0 GiB": Room("en", -gib), "18 GiB": Room("en", 18*gib), "20,7 Gio": Room("fr", 20*gib+gib*79/100),
		"512 MiB": Size("en", 512), "1,5 Gio": Size("fr", 1536), "2 TiB": Size("en", 2<<20), "0,5": Amount("fr", 0.5),
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// French has none and one in the singular, English only one.
func TestPlural(t *testing.T) {
	for want, got := range map[string]string{
		"0 nœud": Count("fr", "node", 0), "1 nœud": Count("fr", "node", 1), "2 nœuds": Count("fr", "node", 2), "0 nodes": Count("en", "node", 0), "1 node": Count("en", "node", 1),
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// What somebody else wrote is shown on one line, with nothing hidden in it.
func TestQuote(t *testing.T) {
	if got := Quote("a\u202eb\x1b[31m\n c"); got != "a⟨U+202E⟩b⟨U+001B⟩[31m c" {
		t.Errorf("got %q", got)
	}
}
