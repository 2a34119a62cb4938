package understand

import (
	"strings"
	"testing"

	"proviso.dev/pkg/pve"
)

// stateful is the laboratory with what a reader knows of its membership and hardware.
func stateful() *pve.Snapshot {
	s := *lab()
	s.Membership = pve.Membership{Read: true, Name: "pve-cluster", Votes: 3, ExpectedVotes: 4}
	s.HAManager = pve.HAManager{Read: true, Quorate: true, Master: "pmox01", State: "active"}
	s.Hardware = []pve.NodeHardware{{Node: "pmox01", CPUModel: "i7", Sockets: 1, Cores: 12, Threads: 20, MemoryBytes: 32 << 30, DisksRead: true}}
	return &s
}

// Shows: T-3.3.1-01, T-3.3.2-05
func TestQuestionsOnStateAndHardware(t *testing.T) {
	r := New(proxmox())
	for text, not := range map[string]string{ // words of hardware that ask for something else
		"quelles sont les caractéristiques du nœud le plus libre ?": "Par nœud", "does the cluster keep quorum if pmox02 fails?": "The HA manager",
	} {
		u := r.Understand(Request{ID: "q", Text: text}, stateful())
		if got := u.GetReply().GetText(); got == "" || strings.Contains(got, not) {
			t.Errorf("%s\n got %q, want an answer without %q", text, got, not)
		}
	}
	for want, texts := range map[string][]string{
		"The cluster has quorum: 3 of 4 votes are there and 3 are needed. The HA manager is active on pmox01.": {
			"what is the state of the cluster?", "does the cluster have quorum?", "is the cluster quorate?", "what is the cluster status?", "what is the HA manager doing?",
		},
		"Le cluster a le quorum : 3 voix sur 4, il en faut 3. Le gestionnaire de HA est actif sur pmox01.": {
			"le cluster a-t-il le quorum ?", "quel est l'état du cluster ?", "comment va le cluster ?", "est-ce que le cluster a le quorum ?",
		},
		"pmox01 has i7: 1 socket, 12 cores, 20 threads, 32 GiB of memory": {
			"what hardware does pmox01 have?", "show the hardware of pmox01", "what are the specs of pmox01?",
		},
		"pmox01 a i7 : 1 socket, 12 cœurs, 20 threads, 32 Gio de mémoire": {
			"quel matériel a pmox01 ?", "quel est le matériel de pmox01 ?", "montre le matériel de pmox01",
		},
	} {
		for _, text := range texts {
			u := r.Understand(Request{ID: "q", Text: text}, stateful())
			if got := u.GetReply().GetText(); !strings.Contains(got, want) {
				t.Errorf("%s\n got %q %s\nwant %q", text, got, u.GetRefusal().GetMessage(), want)
			}
		}
	}
}
