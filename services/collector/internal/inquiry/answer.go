package inquiry

import (
	"regexp"
	"slices"
	"strconv"

	"proviso.dev/pkg/i18n"
	"proviso.dev/pkg/placement"
	"proviso.dev/pkg/pve"
	"proviso.dev/services/collector/internal/wording"

	provisov1 "proviso.dev/proto/proviso/v1"
)

// The bounds of the contract.
const (
	textMost  = 4000
	rowsMost  = 256
	labelMost = 120
	valueMost = 1000
	namesMost = 12 // names in a sentence; the rows hold the rest
)

// Facts are what an answer rests on.
type Facts struct {
	// Snapshot of the cluster that is asked about; nil: it could not be read.
	Snapshot *pve.Snapshot
	// History of what [Want] named; nil: nothing was read.
	History *pve.History
	// Clusters are the snapshots of all clusters, that one among them; nil: there is no other. Unread names those that could not be read.
	Clusters []*pve.Snapshot
	Unread   []string
	// Policy says how full nodes may become; the zero value is the default.
	Policy placement.Policy
}

// Answer answers a question from facts in "en" or "fr". It always answers: without a snapshot it says that nothing is known of
// the cluster.
func Answer(f Facts, q Query, lang string) *provisov1.Reply {
	a := &answer{s: f.Snapshot, facts: f, q: q, lang: lang, out: &provisov1.Reply{}}
	switch {
	case q.Topic == TopicHelp:
		a.help()
	case f.Snapshot == nil:
		a.text("no_snapshot")
	default:
		a.topic()
	}
	a.out.Text = wording.Clip(a.out.GetText(), textMost)
	return a.out
}

// answer is one reply in the making.
type answer struct {
	s     *pve.Snapshot
	facts Facts
	q     Query
	lang  string
	out   *provisov1.Reply
	x     *placement.Index                  // see index
	now   *provisov1.InfrastructureAnalysis // see state
}

// index is what placement knows of the cluster: the only arithmetic of room that answers use.
func (a *answer) index() *placement.Index {
	if a.x == nil {
		a.x = placement.NewIndex(a.s, a.facts.Policy)
	}
	return a.x
}

func (a *answer) rooms() []Room { return rooms(a.s, a.index()) }

func (a *answer) topic() {
	switch a.q.Topic {
	case TopicRoom:
		a.room()
	case TopicNode:
		a.node()
	case TopicTemplates:
		a.templates()
	case TopicImages:
		a.images()
	case TopicStorages:
		a.storages()
	case TopicNetworks:
		a.networks()
	case TopicPools:
		a.pools()
	case TopicHAGroups:
		a.haGroups()
	case TopicGuests:
		a.guests()
	case TopicGuest:
		a.guest()
	case TopicBackup:
		a.backup()
	case TopicResilience:
		a.resilience()
	case TopicCluster:
		a.cluster()
	case TopicNoSuchThing:
		a.missing()
	case TopicNextID:
		a.nextID()
	case TopicID:
		a.id()
	case TopicIDs:
		a.ids()
	case TopicOnStorage:
		a.onStorage()
	case TopicAgent:
		a.agent()
	case TopicIPFree:
		a.ipFree()
	case TopicOnNetwork:
		a.onNetwork()
	case TopicWhyOffline:
		a.whyOffline()
	case TopicForecast:
		a.forecast()
	case TopicFull:
		a.full()
	case TopicPeak:
		a.peak()
	case TopicScale:
		a.scale()
	case TopicWaste:
		a.waste()
	case TopicBalance:
		a.balance()
	case TopicDrain:
		a.drain()
	case TopicPack:
		a.pack()
	case TopicMakeRoom:
		a.makeRoom()
	case TopicHotSpots:
		a.hotSpots()
	case TopicClusters:
		a.clusters()
	default:
		a.text("unanswered")
		a.examples()
	}
}

func (a *answer) say(key string, args ...any) string { return i18n.T(a.lang, "inquiry."+key, args...) }

// text adds a sentence.
func (a *answer) text(key string, args ...any) { a.sentence(a.say(key, args...)) }

func (a *answer) sentence(s string) {
	if s == "" {
		return
	}
	if a.out.GetText() != "" {
		a.out.Text += " "
	}
	a.out.Text += s
}

// row adds a line of figures. Labels may be names of the cluster.
func (a *answer) row(label, value, reason string) {
	if len(a.out.GetRows()) == rowsMost {
		return
	}
	a.out.Rows = append(a.out.Rows, &provisov1.ReplyRow{Label: wording.Clip(wording.Quote(label), labelMost),
		Value: wording.Clip(value, valueMost), Reason: wording.Clip(reason, valueMost)})
}

// command adds a command for a person, once.
func (a *answer) command(c string) {
	if len(a.out.GetCommands()) < commandsMost && !slices.Contains(a.out.GetCommands(), c) {
		a.out.Commands = append(a.out.Commands, c)
	}
}

func (a *answer) count(thing string, n int, args ...any) string {
	return wording.Plural(a.lang, "inquiry.count."+thing, n, args...)
}

// names joins names for a sentence; those beyond the first few are counted.
func (a *answer) names(names []string) string {
	shown := make([]string, 0, namesMost+1)
	for i, n := range names {
		if i == namesMost && len(names) > namesMost+1 {
			shown = append(shown, a.count("more", len(names)-namesMost))
			break
		}
		shown = append(shown, wording.Quote(n))
	}
	return wording.List(a.lang, shown)
}

func (a *answer) percent(f float64) string {
	if a.lang == i18n.French {
		return strconv.Itoa(int(100*f+0.5)) + " %"
	}
	return strconv.Itoa(int(100*f+0.5)) + "%"
}

// title names a guest: "webserver (104)".
func title(g pve.Guest) string {
	if g.Name == "" {
		return strconv.Itoa(g.VMID)
	}
	return wording.Quote(g.Name) + " (" + strconv.Itoa(g.VMID) + ")"
}

// nodeName is the form of a node's name that may stand in a command.
var nodeName = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$`)

// Commandable reports whether a name of the cluster may stand in a command for a person.
func Commandable(name string) bool { return nodeName.MatchString(name) }

// missing says that a name means nothing here.
func (a *answer) missing() {
	a.text("missing", "name", wording.Quote(a.q.Missing))
	if len(a.q.Near) > 0 {
		a.text("missing_near", "names", a.names(a.q.Near))
	}
}

// help says what can be done and asked.
func (a *answer) help() {
	a.text("help")
	a.examples()
}

func (a *answer) examples() {
	for _, key := range []string{"create", "change", "import", "operate", "ask_room", "ask_guest", "ask_list", "ask_loss", "ask_future", "ask_waste"} {
		a.row(a.say("help."+key), a.say("help."+key+"_example"), "")
	}
}
