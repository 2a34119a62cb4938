package strategy

import (
	"errors"
	"strings"
	"testing"

	provisov1 "proviso.dev/proto/proviso/v1"
)

// One of a thing is not written as several, and a linked clone takes no disk twice.
func TestNumberOfAlternatives(t *testing.T) {
	linked := webserver()
	linked.FullClone = new(false)
	tests := map[string]struct {
		reason  string
		in      *provisov1.ContextPayload
		without []string
	}{
		"Machine":       {"There is one.", payload("en", webserver()), []string{"1 containers", "1 virtual machines", "1 machines", "1 vCPUs"}},
		"MachineFrench": {"So there is in French.", payload("fr", webserver()), []string{"1 conteneurs", "1 machines"}},
		"Container":     {"Nor are there several containers.", with("fr", []*provisov1.Container{nameserver()}), []string{"1 conteneurs", "1 machines"}},
		"Linked":        {"Its disk takes nothing yet.", payload("en", linked), []string{" 0 GiB of disk", "instead of 0 GiB"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p, _ := planned(t, input(stocked(), tt.in))
			if len(p.GetAlternatives()) < 2 {
				t.Fatalf("%d alternatives, want at least two", len(p.GetAlternatives()))
			}
			for _, a := range p.GetAlternatives() {
				for _, not := range tt.without {
					if strings.Contains(a.GetText()+" "+a.GetReason(), not) {
						t.Errorf("%s\n%q in %q %q", tt.reason, not, a.GetText(), a.GetReason())
					}
				}
			}
		})
	}
}

// A refusal of one of many says that the figures count the others in; one of one has no number.
func TestRefusedMachineIsCounted(t *testing.T) {
	tests := map[string]struct {
		reason, lang string
		count        int32
		memory       int32
		want         string
	}{
		"Tenth":       {"Nine of 4 GiB fit.", "en", 10, 4 << 10, "number 10 of the 10 machines of this request; the figures count in those that were placed before it"},
		"TenthFrench": {"The same in French.", "fr", 10, 4 << 10, "machine 10 sur 10 de cette demande ; les chiffres tiennent compte de celles déjà placées"},
		"Only":        {"There is no other.", "en", 1, 64 << 10, "No node can take webserver."},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			vm := webserver()
			vm.Count, vm.MemoryMib = new(tt.count), new(tt.memory)
			_, err := New(input(lab(), payload(tt.lang, vm)))
			refused := new(RefusedError)
			if !errors.As(err, &refused) || refused.Code != CodeNoCapacity {
				t.Fatalf("%s\ngot %v, want a refusal", tt.reason, err)
			}
			if !strings.Contains(refused.Message, tt.want) {
				t.Errorf("%s\n%q does not say %q", tt.reason, refused.Message, tt.want)
			}
		})
	}
}
