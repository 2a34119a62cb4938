package placement

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLoadPolicy(t *testing.T) {
	tests := map[string]struct {
		reason string
		env    map[string]string
		want   Policy
		fails  string
	}{
		"Nothing": {reason: "What is not set is the default."},
		"All": {
			reason: "Percent and MiB become a share and bytes.",
			env:    map[string]string{"PROVISO_VCPU_OVERCOMMIT": "2.5", "PROVISO_HOST_RESERVE_PERCENT": "50", "PROVISO_HOST_RESERVE_MIB": "4096"},
			want:   Policy{VCPUOvercommit: 2.5, ReserveShare: 0.5, ReserveBytes: 4 << 30},
		},
		"Negative": {reason: "Less than nothing is no limit.", env: map[string]string{"PROVISO_VCPU_OVERCOMMIT": "-1"}, fails: "PROVISO_VCPU_OVERCOMMIT"},
		"NaN":      {reason: "NaN passes every comparison.", env: map[string]string{"PROVISO_HOST_RESERVE_PERCENT": "NaN"}, fails: "PROVISO_HOST_RESERVE_PERCENT"},
		"Weights":  {reason: "Weights have names.", env: map[string]string{"PROVISO_PLACEMENT_WEIGHTS": "nonsense"}, fails: "PROVISO_PLACEMENT_WEIGHTS"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := LoadPolicy(func(name string) (string, bool) { v, ok := tt.env[name]; return v, ok })
			if tt.fails != "" {
				if err == nil || !strings.Contains(err.Error(), tt.fails) {
					t.Errorf("%s: got %v", tt.reason, err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("%s -want, +got:\n%s", tt.reason, diff)
			}
		})
	}
}
