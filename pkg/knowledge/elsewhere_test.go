package knowledge

import "testing"

func TestElsewhere(t *testing.T) {
	for text, want := range map[string]int{"recettes": otherWorld, "gâteau": otherWorld, "kubernetes": otherTrade, "disk": 0, "nœud": 0} {
		if got := elsewhere()[withoutPlural(words(text)[0])]; got != want {
			t.Errorf("%s: want %d, got %d", text, want, got)
		}
	}
}
