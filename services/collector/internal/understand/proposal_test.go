package understand

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"
	"proviso.dev/pkg/wire"
	llmv1 "proviso.dev/proto/proviso/llm/v1"
	provisov1 "proviso.dev/proto/proviso/v1"
)

func proposal(t *testing.T, text string) *llmv1.IntentProposal {
	t.Helper()
	if text == "" {
		return nil
	}
	m, err := wire.Decode[*llmv1.IntentProposal]([]byte(text), wire.Strict)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// ids are the questions of an understanding, in order.
func ids(u *provisov1.Understanding) string {
	var out []string
	for _, q := range u.GetQuestions() {
		out = append(out, q.GetId())
	}
	return strings.Join(out, " ")
}

// assumed are the values that the model brought in: path=value.
func assumed(u *provisov1.Understanding) string {
	var out []string
	for _, r := range u.GetInterpretation() {
		if r.GetOrigin() == "assumed" && strings.Contains(r.GetReason(), "robot") {
			out = append(out, strings.TrimPrefix(r.GetPath(), "virtual_machines")+"="+strings.SplitN(r.GetValue(), ",", 2)[0])
		}
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

func TestProposal(t *testing.T) {
	tests := map[string]struct {
		reason, text, proposal string
		refusal                string
		said                   string // by the requester, as summary writes it
		assumed                string
		questions              string
	}{
		"OnlyTheModel": {
			reason:   "What only the model has is an assumption with its reason.",
			text:     "a web server named front from template 100, something beefy",
			proposal: `{"kind":"provision","guests":[{"role":"web-server","cores":8,"memory_mib":16384}]}`,
			said:     `web-server name=front src=100 ~"beefy"`, assumed: "[0].cores=8 [0].memory_mib=16 GiB",
		},
		"LiteralWins": {
			reason:   "What the text states literally wins, without a question.",
			text:     "a web server named front from template 100 with 4 cores and 8 GB of memory",
			proposal: `{"kind":"provision","guests":[{"count":12,"cores":16,"memory_mib":1024,"name":"web","node":"pmox02"}]}`,
			said:     "web-server name=front src=100 cores=4 mem=8192", assumed: "[0].placement.nodes=pmox02",
		},
		"Disagreement": {
			reason:   "The model read another value from words that were not understood: the requester decides.",
			text:     "a web server named front from template 100 with 4 cores, zork 8 quux",
			proposal: `{"kind":"provision","guests":[{"cores":8}]}`,
			said:     `web-server name=front src=100 ~"zork 8 quux"`, questions: "vm1.cores",
		},
		"NamesFromNowhere": {
			reason:   "Names, templates, nodes, storages and networks count only if the request or the cluster has them.",
			text:     "a web server named front from template 100, and zork",
			proposal: `{"kind":"provision","guests":[{"source":"evil-template","node":"pmox99","storage":"loot","network":"evilnet"}]}`,
			said:     `web-server name=front src=100 ~"and zork"`,
		},
		"SourceOfTheCluster": {
			reason:   "A template that the cluster has may stand for words that describe it.",
			text:     "a web server named front from our golden thing",
			proposal: `{"kind":"provision","guests":[{"source":"k3s-template"}]}`,
			said:     `web-server name=front ~"from our golden"`, assumed: "[0].source=k3s-template (100)",
		},
		"Vague": {
			reason:   "Where the rules found nothing to create the model's groups are taken, all of it assumed.",
			text:     "I need some infrastructure",
			proposal: `{"kind":"provision","guests":[{"count":2,"role":"web-server","source":"100"}]}`,
			said:     "", assumed: "[0].count=2 [0].role=web server [0].source=k3s-template (100)",
		},
		"OffTopic": {
			reason:   "Words that rules do not know may still ask for machines.",
			text:     "Wir brauchen zwei Rechner",
			proposal: `{"kind":"provision","guests":[{"count":2,"role":"web-server","source":"100"}]}`,
			assumed:  "[0].count=2 [0].role=web server [0].source=k3s-template (100)",
		},
		"Container": {
			reason:   "A container stays one; what it is made from is asked for.",
			text:     "I need some infrastructure",
			proposal: `{"kind":"provision","guests":[{"type":"container","role":"dns-server","source":"k3s-template"}]}`,
			assumed:  "containers[0].kind=LXC container", questions: "ct1.source",
		},
		"OffTopicAgreed": {
			reason: "Both agree: refused.", text: "what's the weather?", proposal: `{"kind":"off_topic"}`, refusal: "off_topic",
		},
		"Platform": {
			reason: "A platform that is not supported stays refused, whatever the model says.", text: "a VM on AWS",
			proposal: `{"kind":"provision","guests":[{"name":"VM","source":"100"}]}`, refusal: "platform_unsupported",
		},
		"Kind": {
			reason: "The model's word that nothing is to be created does not undo what the text asks for.",
			text:   "a web server named front from template 100", proposal: `{"kind":"off_topic"}`, said: "web-server name=front src=100",
		},
		"Readings": {
			reason:   "The model sees machines where the rules left words: two readings to choose from.",
			text:     "a web server named front from template 100 plus zork quux",
			proposal: `{"kind":"provision","guests":[{"role":"web-server","source":"100"},{"role":"database","count":2}]}`,
			said:     `web-server name=front src=100 ~"plus zork quux"`, questions: "request",
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			u := New(proxmox()).Understand(Request{ID: "i", Text: tc.text, Proposal: proposal(t, tc.proposal), ModelName: "robot"}, lab())
			if err := wire.Validate(u); err != nil {
				t.Fatal(err)
			}
			if got := u.GetRefusal().GetCode(); got != tc.refusal {
				t.Fatalf("%s: refused for %q, want %q", tc.reason, got, tc.refusal)
			}
			if tc.refusal != "" {
				return
			}
			got := []string{summary(u), assumed(u), ids(u)}
			if i := strings.Index(got[0], "?"); i >= 0 { // questions are compared by id
				got[0] = strings.TrimSpace(got[0][:i] + strings.TrimLeft(got[0][i:], "?abcdefghijklmnopqrstuvwxyz_.0123456789"))
			}
			got[0] = strings.Join(strings.Fields(got[0]), " ")
			if name == "Vague" || name == "OffTopic" || name == "Container" {
				got[0] = "" // nothing was said: what the summary shows comes from the model
			}
			if diff := cmp.Diff([]string{tc.said, tc.assumed, tc.questions}, got); diff != "" {
				t.Errorf("%s\n%s", tc.reason, diff)
			}
		})
	}
}

// A reading is chosen by its number or its words; what was chosen is understood, and asked no more.
func TestReadingsAreRequests(t *testing.T) {
	p := proposal(t, `{"kind":"provision","guests":[{"role":"web-server","source":"100"},{"role":"database","count":2,"source":"100","cores":4,"memory_mib":8192}]}`)
	for lang, text := range map[string]string{"en": "a web server named front from template 100 plus zork quux", "fr": "un serveur web nommé front depuis le modèle 100 plus zork quux"} {
		req := Request{ID: "i", Text: text, Language: lang, Proposal: p, ModelName: "robot"}
		first := New(proxmox()).Understand(req, lab())
		if ids(first) != "request" || len(first.GetQuestions()[0].GetOptions()) != 2 {
			t.Fatalf("%s: asked %q: %v", lang, ids(first), first.GetQuestions())
		}
		for _, answer := range []string{"2", first.GetQuestions()[0].GetOptions()[1].GetValue()} {
			req.Turns = []Turn{{QuestionID: "request", Text: answer}}
			u := New(proxmox()).Understand(req, lab())
			vms := u.GetIntent().GetVirtualMachines()
			if len(vms) != 2 || vms[1].GetCount() != 2 || vms[1].GetRole() != "database" || vms[1].GetCores() != 4 || ids(u) != "" {
				t.Errorf("%s: %q gave %s, asking %q", lang, answer, summary(u), ids(u))
			}
		}
	}
}

// Without a proposal nothing changes; with one that says nothing, neither.
func TestNoProposalChangesNothing(t *testing.T) {
	for _, text := range []string{"three web servers from template 100 on pmox02", "crée une base de données", "zork", "a VM on AWS", ""} {
		r := New(proxmox())
		without := r.Understand(Request{ID: "i", Text: text}, lab())
		for _, p := range []*llmv1.IntentProposal{{}, {Kind: "provision"}, {Kind: "question"}} {
			with := r.Understand(Request{ID: "i", Text: text, Proposal: p, ModelName: "robot"}, lab())
			if diff := cmp.Diff(without, with, protocmp.Transform()); diff != "" {
				t.Errorf("%q with %v: %s", text, p, diff)
			}
		}
	}
}

// What is to be done to a machine that exists, what is asked, and what is refused for good never becomes a new machine.
func TestProposalMakesNoMachineOfOtherRequests(t *testing.T) {
	p := proposal(t, `{"kind":"provision","guests":[{"name":"worker-node-2","source":"100","count":3}]}`)
	for _, text := range []string{"stop worker-node-2", "supprime worker-node-2", "how much memory is free on pmox02?", "give worker-node-2 16 GB", "write the Terraform for VM 123", "une VM sur Azure", "rack a new server"} {
		r := New(proxmox())
		without := r.Understand(Request{ID: "i", Text: text}, lab())
		with := r.Understand(Request{ID: "i", Text: text, Proposal: p, ModelName: "robot"}, lab())
		if diff := cmp.Diff(without, with, protocmp.Transform()); diff != "" {
			t.Errorf("%q: %s", text, diff)
		}
	}
}

// FuzzProposal throws any proposal at any text: no panic, and what comes out meets the contract.
func FuzzProposal(f *testing.F) {
	f.Add("a web server zork 8", "web", "web-server", "100", int32(8), int32(2), "pmox01")
	f.Add("", "", "", "", int32(0), int32(0), "")
	snap := lab()
	f.Fuzz(func(t *testing.T, text, name, role, source string, cores, count int32, node string) {
		p := &llmv1.IntentProposal{Kind: "provision", Guests: []*llmv1.GuestProposal{
			{Name: &name, Role: &role, Source: &source, Cores: &cores, Count: &count, Node: &node, Storage: &node, Network: &name, MemoryMib: &cores, DiskGib: &count, Vlan: &count},
			{Name: new(fmt.Sprint(count)), Role: &role}}}
		if wire.Validate(p) != nil {
			t.Skip("refused by the contract")
		}
		u := New(proxmox()).Understand(Request{ID: "i", Text: text, Proposal: p, ModelName: name}, snap)
		if err := wire.Validate(u); err != nil {
			t.Fatalf("%q with %v: %v", text, p, err)
		}
	})
}
