package pve

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestProperty(t *testing.T) {
	tests := map[string]struct {
		reason     string
		line, bare string
		change     func(*Property)
		want       string
		names      []string
	}{
		"AsItWas": {
			reason: "What is not changed is written as it was read.",
			line:   "pmoxpool01:vm-123-disk-0,discard=on,size=32G", bare: "file",
			want: "pmoxpool01:vm-123-disk-0,discard=on,size=32G", names: []string{"file", "discard", "size"},
		},
		"InPlace": {
			reason: "A changed option keeps its place, a new one comes last.",
			line:   "pmoxpool01:vm-123-disk-0,size=32G,ssd=1", bare: "file",
			change: func(p *Property) { p.Set("size", "64G"); p.Set("discard", "on") },
			want:   "pmoxpool01:vm-123-disk-0,size=64G,ssd=1,discard=on", names: []string{"file", "size", "ssd", "discard"},
		},
		"Empty": {
			reason: "Nothing is nothing.",
			want:   "", names: []string{},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p := ParseProperty(tt.line, tt.bare)
			if tt.change != nil {
				tt.change(&p)
			}
			if got := p.String(); got != tt.want {
				t.Errorf("%s\ngot %q, want %q", tt.reason, got, tt.want)
			}
			if diff := cmp.Diff(tt.names, p.Names()); diff != "" {
				t.Errorf("%s\nnames (-want +got):\n%s", tt.reason, diff)
			}
		})
	}
}
