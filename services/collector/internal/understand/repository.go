package understand

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"

	provisov1 "proviso.dev/proto/proviso/v1"

	"proviso.dev/services/collector/internal/mention"
)

// A Repository is a Git repository whose content says what is to run.
type Repository struct {
	URL        Value[string]
	Ref        Value[string]
	Folder     Value[string]
	RunsOn     Value[string] // as in the contract
	Credential Value[string] // from typed intents only
}

const repositoriesMost = 8

// repositoryRequest is a request that names repositories, taken apart.
type repositoryRequest struct {
	list []Repository
	// rest is the request with blanks in place of what the repositories were read from.
	rest string
	// password: an address held one.
	password bool
}

func readRepositories(text string, origin Origin) repositoryRequest {
	out := repositoryRequest{rest: text}
	for _, m := range mention.Repositories(text) {
		out.password = out.password || m.Password
		if len(out.list) < repositoriesMost {
			out.list = append(out.list, Repository{URL: mentioned(text, m.URL, origin), Ref: mentioned(text, m.Ref, origin), Folder: mentioned(text, m.Folder, origin)})
		}
		out.rest = mention.Blank(out.rest, append(m.Phrases(), m.Announcement(text))...)
	}
	return out
}

// mentioned makes a value of what a text says; words of answers have no place in the request.
func mentioned(text string, v mention.Value, origin Origin) Value[string] {
	if v.V == "" {
		return Value[string]{}
	}
	out := Value[string]{V: v.V, Origin: origin}
	if v.At.Has() {
		words := strings.Trim(text[v.At.Start:v.At.End], " ,;()")
		out.Text = clip(words, 500)
		if start := v.At.Start + strings.Index(text[v.At.Start:v.At.End], words); origin == Stated && out.Text == words {
			out.Start, out.End = start, start+len(words)
		}
	}
	return out
}

// repository serves a request that names repositories: either what lies there is all that it asks for, or machines are asked for
// beside. It reports false for a request of another kind that only mentions one.
func (r *Reasoner) repository(req Request, x *index, lang string) (*provisov1.Understanding, bool) {
	found := readRepositories(req.Text, Stated)
	if len(found.list) == 0 {
		return nil, false
	}
	p := parse(found.rest, x)
	decided := decide(p, r.platforms.Supported)
	if _, other := existing(found.rest, p, decided, x); other && !mention.Deploys(found.rest) {
		return nil, false
	}
	runsOn := mention.RunsOn(found.rest)
	asked := mention.Deploys(found.rest) || runsOn.V != ""
	machines := decided.code == "" && !decided.vague && (specific(p) || !asked)
	switch {
	case found.password && (machines || asked):
		return r.refusal(lang, route{kind: kindProvision, code: "repository_password", enough: true}, 0), true
	case machines:
		text := req
		text.Text = found.rest
		out := r.understand(text, x.snap)
		return withRepositories(out, found.list, goalOf(req), lang), true
	case decided.platform != "":
		return r.refusal(lang, decided, 0), true
	case !asked:
		return nil, false
	}
	if a := mention.Attributes(found.rest); len(found.list) == 1 { // further on: "… on the cluster, branch develop"
		if first := &found.list[0]; !first.Ref.Has() && a.Ref.V != "" {
			first.Ref = mentioned(req.Text, a.Ref, Stated)
			found.rest = mention.Blank(found.rest, a.Ref.At)
		}
		if first := &found.list[0]; !first.Folder.Has() && a.Folder.V != "" {
			first.Folder = mentioned(req.Text, a.Folder, Stated)
			found.rest = mention.Blank(found.rest, a.Folder.At)
		}
	}
	for i := range found.list {
		found.list[i].RunsOn = mentioned(req.Text, runsOn, Stated)
	}
	wishes, unused := readWorkloads(mention.Blank(found.rest, runsOn.At), x, lang, Stated)
	d := &repositoryDialogue{x: x, lang: lang, list: found.list, wishes: slices.DeleteFunc(wishes, Workload.unsaid),
		unused: slices.DeleteFunc(unused, deployingWord.MatchString)}
	return r.answerRepository(d, req), true
}

// deployingWord is a word that only asks for something to run, or names what runs.
var deployingWord = regexp.MustCompile(`(?i)^(?:re-?deploy\w*|deploy\w*|run|running|install|host|launch|ship|roll|out|bring|up|put|publish|serve|start|set|re?d[ée]plo\w*|install\w*|h[ée]berg\w*|lanc\w*|d[ée]marr\w*|tourner|publi\w*|mets|mettre|apps?|applications?|applis?|project|projet|site|code|cluster|grappe|it|is|proxmox|git|repo|repository|d[ée]p[ôo]t|clone|cloner?|what|lies|there|stack|please|merci|svp|live|ligne|production)$`)

// specific reports whether a request says what its machines are like, rather than only that there is one to run something in.
func specific(p parsed) bool {
	return slices.ContainsFunc(p.items, func(it item) bool {
		switch it.kind {
		case itHead:
			return it.n > 1 && it.vm || it.role != ""
		case itNames, itSource, itCores, itMemory, itSize, itDisk, itLike, itSame, itScale, itCluster:
			return true
		}
		return false
	})
}

// unsaid reports whether a request says nothing of a workload.
func (k Workload) unsaid() bool {
	return !k.Name.said() && !k.Image.said() && !k.Replicas.said() && !k.Port.said() && !k.Exposure.said() && !k.Host.said() && !k.Namespace.said()
}

// withRepositories adds repositories to what was understood of the machines beside them.
func withRepositories(out *provisov1.Understanding, list []Repository, goal, lang string) *provisov1.Understanding {
	in := out.GetIntent()
	if in == nil {
		return out
	}
	if goal != "" {
		goal = clip(goal, 1000)
		in.Goal = &goal
	}
	(&converter{out: in}).repositories(list)
	t := &table{lang: lang}
	t.repositories(list)
	out.Interpretation = append(out.Interpretation, t.rows...)
	return out
}

// repositories writes repositories in the wire's terms.
func (c *converter) repositories(list []Repository) {
	for i, r := range list {
		c.path = fmt.Sprintf("repositories[%d]", i)
		c.out.Repositories = append(c.out.Repositories, &provisov1.Repository{
			Url: str(c, "url", r.URL), Ref: str(c, "ref", r.Ref), Subdirectory: str(c, "subdirectory", r.Folder),
			Credential: str(c, "credential", r.Credential), RunsOn: str(c, "runs_on", r.RunsOn),
		})
	}
}

// repositories writes the rows of repositories.
func (t *table) repositories(list []Repository) {
	for i, r := range list {
		t.path = fmt.Sprintf("repositories[%d].", i)
		if len(list) > 1 {
			t.prefix = guestText(t.lang, "label.repository_n", "n", i+1) + " · "
		}
		add := func(path, label string, v Value[string], shown string) {
			if v.Has() {
				t.guestRow(path, label, shown, v.Origin, evidence(t.lang, v))
			}
		}
		add("url", "repository", r.URL, r.URL.V)
		ref := r.Ref
		if ref.assume("", Assumed, guestText(t.lang, "reason.ref")); ref.V == "" {
			add("ref", "repository_ref", ref, guestText(t.lang, "ref.default"))
		} else {
			add("ref", "repository_ref", ref, ref.V)
		}
		add("subdirectory", "repository_folder", r.Folder, r.Folder.V)
		if r.RunsOn.Has() {
			add("runs_on", "runs_on", r.RunsOn, guestText(t.lang, "runs_on."+r.RunsOn.V))
		}
		add("credential", "credential", r.Credential, r.Credential.V)
	}
	t.path, t.prefix = "", ""
}

// repositoryDialogue is the state of a request for what lies in repositories while its turns are applied in order.
type repositoryDialogue struct {
	x            *index
	lang         string
	list         []Repository
	wishes       []Workload
	unused       []string
	password     bool
	confirmation string
}

// turn applies one turn.
func (d *repositoryDialogue) turn(t Turn) {
	d.confirmation = ""
	text := clip(t.Text, turnTextMost)
	if strings.TrimSpace(text) == "" {
		return
	}
	asked := t.QuestionID == "confirm"
	if m := meaning(text, d.x); m != "" {
		if asked {
			d.confirmation = m
		}
		return
	}
	if d.confirmation = confirmCorrection; undecided(text, d.x) {
		return
	}
	found := readRepositories(text, Corrected)
	d.password = d.password || found.password
	switch {
	case len(found.list) == 1 && len(d.list) == 1: // what the new address does not say stays
		n := found.list[0]
		n.RunsOn = d.list[0].RunsOn
		d.list[0] = n
	case len(found.list) > 0:
		d.list = found.list
	default:
		a := mention.Attributes(text)
		for i := range d.list {
			if a.Ref.V != "" {
				d.list[i].Ref = mentioned(text, a.Ref, Corrected)
			}
			if a.Folder.V != "" {
				d.list[i].Folder = mentioned(text, a.Folder, Corrected)
			}
		}
		found.rest = mention.Blank(text, a.Phrases()...)
	}
	if on := mention.RunsOn(found.rest); on.V != "" {
		for i := range d.list {
			d.list[i].RunsOn = mentioned(text, on, Corrected)
		}
		found.rest = mention.Blank(found.rest, on.At)
	}
	wishes, _ := readWorkloads(found.rest, d.x, d.lang, Corrected)
	if wishes = slices.DeleteFunc(wishes, Workload.unsaid); len(wishes) > 0 {
		d.wishes = wishes
	}
}

// answerRepository says what a request for what lies in repositories comes to, after the dialogue.
func (r *Reasoner) answerRepository(d *repositoryDialogue, req Request) *provisov1.Understanding {
	if len(req.Turns) > turnsMost {
		return r.refusal(d.lang, route{kind: kindProvision, code: "dialogue_too_long", enough: true}, turnsMost)
	}
	for _, t := range req.Turns {
		d.turn(t)
	}
	if d.password {
		return r.refusal(d.lang, route{kind: kindProvision, code: "repository_password", enough: true}, 0)
	}
	in := &Intent{NotUnderstood: d.unused}
	in.Workloads = d.wishes
	gd := &grounded{Intent: in}
	out := &provisov1.Understanding{Language: d.lang, Kind: kindProvision,
		Intent:         convert(gd, req.ID, d.lang, req.Cluster, goalOf(req)),
		Interpretation: interpretation(gd, d.lang),
		Checks:         r.checks(d.lang, route{kind: kindProvision, enough: true}),
	}
	(&converter{out: out.GetIntent()}).repositories(d.list)
	t := &table{lang: d.lang}
	t.repositories(d.list)
	out.Interpretation = append(t.rows, out.GetInterpretation()...)
	if d.confirmation != "" {
		out.Confirmation = &d.confirmation
	}
	return out
}

// typedWithRepositories serves a typed intent that names repositories, with machines beside them or without.
func (r *Reasoner) typedWithRepositories(req Request, x *index, lang string) *provisov1.Understanding {
	list, bad := typedRepositories(req.Intent)
	if bad != "" {
		return r.refusal(lang, route{kind: kindProvision, code: bad, enough: true}, 0)
	}
	in := typed(req.Intent)
	if m := req.Intent; len(in.Groups)+len(in.Pools)+len(m.GetChanges())+len(m.GetImports()) > 0 {
		rest := proto.CloneOf(m)
		rest.Repositories, rest.Workloads = nil, nil
		req.Intent = rest
		return withRepositories(r.understand(req, x.snap), list, "", lang)
	}
	return r.answerRepository(&repositoryDialogue{x: x, lang: lang, list: list, wishes: in.Workloads, unused: in.NotUnderstood}, req)
}

// typedRepositories reads the repositories of a typed intent. Bad is the code of the refusal when an address is none.
func typedRepositories(m *provisov1.ProvisionIntent) (list []Repository, bad string) {
	t := reader{facts: map[string]*provisov1.Fact{}}
	for _, f := range m.GetFacts() {
		t.facts[f.GetPath()] = f
	}
	for i, p := range m.GetRepositories() {
		t.path = fmt.Sprintf("repositories[%d].", i)
		address, ok := mention.Read(p.GetUrl())
		switch {
		case !ok:
			return nil, "repository_address"
		case address.Password:
			return nil, "repository_password"
		}
		list = append(list, Repository{
			URL: given(t, "url", true, address.URL.V), Ref: given(t, "ref", p.Ref != nil || address.Ref.V != "", cmp.Or(p.GetRef(), address.Ref.V)),
			Folder:     given(t, "subdirectory", p.Subdirectory != nil || address.Folder.V != "", cmp.Or(p.GetSubdirectory(), address.Folder.V)),
			Credential: given(t, "credential", p.Credential != nil, p.GetCredential()), RunsOn: given(t, "runs_on", p.RunsOn != nil, p.GetRunsOn()),
		})
	}
	return list, ""
}
