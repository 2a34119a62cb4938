package kubernetes

import (
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Two defaults are usual while one takes over from the other; the API server decides by age.
func TestNewestDefault(t *testing.T) {
	day := func(n int) metav1.Time { return metav1.NewTime(time.Date(2026, 1, n, 0, 0, 0, 0, time.UTC)) }
	class := func(name string, created metav1.Time) *metav1.ObjectMeta {
		return &metav1.ObjectMeta{Name: name, CreationTimestamp: created}
	}
	tests := map[string]struct {
		reason  string
		classes []*metav1.ObjectMeta
		want    string
	}{
		"None":       {reason: "claims without a class wait", want: ""},
		"One":        {reason: "the usual case", classes: []*metav1.ObjectMeta{class("a", day(1))}, want: "a"},
		"NewerLast":  {reason: "the newer one", classes: []*metav1.ObjectMeta{class("a", day(1)), class("b", day(2))}, want: "b"},
		"NewerFirst": {reason: "whatever the order", classes: []*metav1.ObjectMeta{class("b", day(2)), class("a", day(1))}, want: "b"},
		"SameDay":    {reason: "of equals the first by name", classes: []*metav1.ObjectMeta{class("b", day(1)), class("a", day(1)), class("c", day(1))}, want: "a"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var n newest
			for _, c := range test.classes {
				n.add(c)
			}
			if n.name != test.want {
				t.Errorf("got %q, want %q: %s", n.name, test.want, test.reason)
			}
		})
	}
}
