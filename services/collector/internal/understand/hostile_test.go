package understand

import (
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
	"proviso.dev/pkg/wire"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// settled reports whether an understanding is one of the four things that it may be, and keeps the contract.
func settled(u *provisov1.Understanding) string {
	ends := 0
	for _, is := range []bool{u.GetRefusal() != nil, u.GetReply() != nil, len(u.GetQuestions()) > 0, u.GetRefusal() == nil && u.GetIntent() != nil && len(u.GetQuestions()) == 0} {
		if is {
			ends++
		}
	}
	switch {
	case ends != 1:
		return strconv.Itoa(ends) + " of refusal, reply, questions and complete intent"
	case u.GetReply() != nil && u.GetIntent() != nil, u.GetRefusal() != nil && u.GetIntent() != nil && u.GetRefusal().GetCode() != "workload_unsupported":
		return "refused or answered, and an intent"
	case len(u.GetChecks()) != 2:
		return "the two checks are not reported"
	}
	for _, q := range u.GetQuestions() {
		if strings.ContainsFunc(q.GetText(), concealed) {
			return "a question shows concealed characters"
		}
	}
	shown := append([]string{u.GetReply().GetText(), u.GetRefusal().GetMessage()}, u.GetNotices()...)
	for _, row := range u.GetReply().GetRows() {
		shown = append(shown, row.GetLabel(), row.GetValue(), row.GetReason())
	}
	for _, s := range shown {
		if strings.ContainsFunc(s, concealed) {
			return "an answer shows concealed characters: " + s
		}
	}
	for _, c := range u.GetReply().GetCommands() {
		if !only(c, " -_.:/", 512) {
			return "a command holds more than ids and names: " + c
		}
	}
	for _, row := range u.GetInterpretation() {
		if strings.ContainsFunc(row.GetValue()+row.GetReason(), concealed) {
			return "a row shows concealed characters: " + row.GetPath()
		}
	}
	if err := wire.Validate(u); err != nil {
		return err.Error()
	}
	return ""
}

// hostile are texts that a name, tag, user or description must not carry into a manifest unnoticed.
var hostile = []string{
	`web01"; destroy`, "${self.id}", "$(reboot)", "`id`", "%{if true}", "a\nb", "web\u202e01", "web\u200b01", "\u0000", "web01\x1b[31m", "../../etc/passwd",
	"web01}", "{{ .Secret }}", "<script>alert(1)</script>", "' OR 1=1 --", "\\", "🦄", "naïve", "-web", "web-", strings.Repeat("a", 64), "web 01",
}

func TestHostileNames(t *testing.T) {
	r, snap := New(proxmox()), lab()
	for _, h := range hostile {
		for _, form := range []string{"a VM named %s from 100", "une VM nommée %s depuis 100", `a VM named "%s" from 100`, "une VM nommée « %s » depuis 100", "vm %s from 100",
			"a web server from 100 tagged %s", "a web server from 100, tags: %s", "a web server from 100 with user %s", "a web server from 100 in pool %s",
			"a web server from 100 on storage %s", "a web server from template %s", "a web server from 100 on network %s", "a web server from 100, ssh key %s"} {
			text := strings.ReplaceAll(form, "%s", h)
			u := r.Understand(Request{ID: "r", Text: text}, snap)
			if problem := settled(u); problem != "" {
				t.Errorf("%q: %s", text, problem)
			}
			for _, vm := range u.GetIntent().GetVirtualMachines() {
				for _, name := range append([]string{vm.GetName(), vm.GetInitialization().GetUser(), vm.GetPool()}, append(vm.GetNames(), vm.GetTags()...)...) {
					if strings.ContainsAny(name, "${}`\"'\\<>\n /;%") || strings.ContainsFunc(name, concealed) {
						t.Errorf("%q: %q got into the intent", text, name)
					}
				}
			}
		}
	}
}

// A name that cannot be is refused with a question that says why, never bent into another one.
func TestInvalidNamesAreAsked(t *testing.T) {
	r, snap := New(proxmox()), lab()
	for _, h := range []string{"web_01", "web\u202e01", "web\u200b01", "${self.id}", `"; destroy`, "web.01", "été", "-web", strings.Repeat("a", 64)} {
		u := r.Understand(Request{ID: "r", Text: "a VM named " + h + " from 100"}, snap)
		if len(u.GetQuestions()) == 0 || u.GetQuestions()[0].GetId() != "vm1.name" || u.GetIntent().GetVirtualMachines()[0].GetName() != "" {
			t.Errorf("%q: got %s", h, summary(u))
		}
	}
}

// Descriptions are the requester's text: they stay as they are, to the byte.
func TestDescriptionIsKept(t *testing.T) {
	r, snap := New(proxmox()), lab()
	for _, d := range []string{`a "b" c`, "${x} %{y}", "line one\nline two", "right\u202eleft", "<b>&amp;</b>", "Zoë's café"} {
		q := "«" + d + "»"
		u := r.Understand(Request{ID: "r", Text: "a web server from 100, description " + q}, snap)
		if got := u.GetIntent().GetVirtualMachines()[0].GetDescription(); got != d {
			t.Errorf("got %q, want %q", got, d)
		}
		if problem := settled(u); problem != "" {
			t.Errorf("%q: %s", d, problem)
		}
	}
}

func TestUnreadable(t *testing.T) {
	tests := map[string]struct{ text, want string }{
		"Empty":       {"", "!empty_request"},
		"Blank":       {" \t\n ", "!empty_request"},
		"OnlyMarks":   {"\u200b\u202e", "!empty_request"},
		"TooLong":     {strings.Repeat("create a VM ", 9000), "!too_long"},
		"InvalidUTF8": {"create a VM \xff\xfe", "!unreadable_request"},
		"Binary":      {"\x7fELF\x02\x01\x01\x00\x00", "!unreadable_request"},
		"Control":     {"\x01\x02\x03\x04 VM", "!unreadable_request"},
	}
	r := New(proxmox())
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			for _, lang := range []string{"en", "fr", ""} {
				u := r.Understand(Request{ID: "r", Text: tc.text, Language: lang}, lab())
				if diff := cmp.Diff(tc.want, summary(u)); diff != "" {
					t.Error(diff)
				}
				if problem := settled(u); problem != "" {
					t.Error(problem)
				}
			}
		})
	}
}

// Reading is linear: the longest request, made of what is worst for it, comes to an end.
func TestWorstCases(t *testing.T) {
	r, snap := New(proxmox()), large(5000)
	for _, unit := range []string{"\"", "'", "«", "clone x ", "named a, ", "a VM ", "1,", "web-01..web-250 ", "192.168.0.1/16 ", "ssh-rsa ", "(((", "tags a, ", "é", "on pmax02 ", "not ", "de ", "2 ", "servuer ", "- ", "give ", "the workers ", "AI-server ", "rename AI-server to ", "where is foo ", "add 4 GB ", "migrate 118 ", "guest-a-0 "} {
		text := strings.Repeat(unit, textMost/len(unit))
		began := time.Now()
		u := r.Understand(Request{ID: "r", Text: text}, snap)
		if took := time.Since(began); took > 30*time.Second {
			t.Errorf("%q: %s", unit, took)
		}
		if problem := settled(u); problem != "" {
			t.Errorf("%q: %s", unit, problem)
		}
	}
}

// Requests composed at random of what requests are made of always end as intent, questions, reply or refusal.
func TestRandomRequests(t *testing.T) {
	r, snap := New(proxmox()), lab()
	pieces := append([]string{"a VM", "une VM", "three web servers", "named", "nommée", "web01", "from", "depuis", "template", "100", "with", "4 cores", "8 Go", "disk", "disque de", "50 GB",
		"on", "sur", "pas", "not", "pmox02", "pmax02", "and", "et", ",", ".", "\n", "ip", "192.168.0.20/16", "gateway", "192.168.0.1", "vlan", "20", "dns", "8.8.8.8", "user", "tags", "pool",
		"HA", "each", "chacune", "second", "two", "deux", "\"", "«", "»", "'", "ssh key", "description", ":", "x", "web-01 to web-03", "to", "à", "local-lvm", "mainvnet", "mainHA", "AWS", "?", "clone",
		"delete", "give", "donne", "AI-server", "worker-node-1", "VM 118", "the workers", "migrate", "snapshot", "rename", "tag", "protect", "more", "de plus", "memory", "start", "at boot",
		"which node", "where is", "combien de", "terraform", "import", "room for", "how many", "double", "least loaded", "999999999999", "0", "-1", "1.5", "10.0.0.0/8", "image", "iso", "ubuntu 24.04", "cpu", "host", "id"}, hostile...)
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 1, 30).Draw(t, "pieces"), " ")
		ids := []string{"confirm", "vm1.name", "vm1.source", "vm1.ipv4", "vm1.disk2", "vm2.source", "vm1.count", "vm1.tags", "vm1.node", "request", "", "change1.guest", "change1.memory", "change2.cores", "change1.value", "change1.add_disk", "import1.guest", "operation1.guest", "change1.disk", "change1.tags", "change1.storage", "vm0.name", "vm1.gateway", "vm1.ssh_keys", "vm1.dns"}
		var ts []Turn
		for range rapid.IntRange(0, 3).Draw(t, "turns") {
			ts = append(ts, Turn{QuestionID: rapid.SampledFrom(ids).Draw(t, "id"), Text: strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 1, 6).Draw(t, "answer"), " ")})
		}
		u := r.Understand(Request{ID: "r", Text: text, Turns: ts}, snap)
		if problem := settled(u); problem != "" {
			t.Fatalf("%q %v: %s", text, ts, problem)
		}
	})
}

func FuzzUnderstand(f *testing.F) {
	for _, tc := range pairs {
		f.Add(tc.en, "yes")
		f.Add(tc.fr, "non, 4 coeurs")
	}
	for _, h := range hostile {
		f.Add("a VM named "+h, h)
	}
	for _, tc := range guestPairs {
		f.Add(tc.en, "no, 1 GB")
		f.Add(tc.fr, "non, sans swap")
	}
	for _, tc := range references {
		f.Add(tc.en, "the same again with 2 more")
		f.Add(tc.fr, "comme worker-node-2")
	}
	f.Add("from https://", "0") // an address without a host
	r, snap, memory := New(proxmox()), rich(), testMemory()
	f.Fuzz(func(t *testing.T, text, answer string) {
		u := r.Understand(Request{ID: "r", Text: text, Memory: memory, Turns: turns("confirm", answer, "vm1.name", answer, "vm1.like", answer, "machines", answer, "request", answer)}, snap)
		for _, fact := range u.GetIntent().GetFacts() {
			if fact.Start != nil && (int(fact.GetEnd()) > len(text) || !utf8.ValidString(text[fact.GetStart():fact.GetEnd()])) {
				t.Errorf("%q: the span of %s does not hold text", text, fact.GetPath())
			}
		}
		if problem := settled(u); problem != "" {
			t.Errorf("%q, %q: %s", text, answer, problem)
		}
	})
}

func BenchmarkUnderstand(b *testing.B) {
	for name, tc := range map[string]struct {
		text  string
		turns []Turn
	}{
		"Scenario4": {text: "créer un serveur web basé sur le template vm id 100", turns: turns("confirm", "oui")},
		"Full":      {text: pairs[len(pairs)-1].en},
		"Long": {text: "Create a web server named shop from template 100 with 4 vCPUs, 8 GB RAM and an 80 GB disk on pmoxpool01, on node pmox03, network mainvnet, IP 192.168.0.30/16, gateway 192.168.0.1, DNS 8.8.8.8, user amine, tags web and shop, pool production, HA, start at boot.",
			turns: turns("confirm", "no, 8 cores", "confirm", "yes")},
	} {
		b.Run(name, func(b *testing.B) {
			r, snap := New(proxmox()), large(5000)
			r.Understand(Request{ID: "r", Text: tc.text}, snap)
			b.ReportAllocs()
			for b.Loop() {
				r.Understand(Request{ID: "r", Text: tc.text, Turns: tc.turns}, snap)
			}
		})
	}
}

func BenchmarkIndex(b *testing.B) {
	snap := large(5000)
	for b.Loop() {
		newIndex(snap)
	}
}
