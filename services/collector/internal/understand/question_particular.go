package understand

import (
	"net/netip"
	"slices"
	"strings"
	"unicode"

	"proviso.dev/pkg/pve"
	"proviso.dev/services/collector/internal/inquiry"
)

// flatMost bounds how much of a question is looked through for fixed phrases.
const flatMost = 2000

// flatten writes a text as folded words with single spaces between and around them, so that a phrase is found by its words.
func flatten(text string) string {
	words := strings.FieldsFunc(fold(clip(text, flatMost)), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	return " " + strings.Join(words, " ") + " "
}

// said reports whether a text has one of these phrases, separated by bars.
func (s *sentence) said(phrases string) bool {
	if s.flat == "" {
		s.flat = flatten(s.p.text)
	}
	for phrase := range strings.SplitSeq(phrases, "|") {
		if strings.Contains(s.flat, " "+phrase+" ") {
			return true
		}
	}
	return false
}

// Phrases of questions that the classes of words do not tell apart.
const (
	nextIDWords    = "next id|next vm id|next vmid|next free id|next free vm id|next free vmid|next available id|next available vm id|next available vmid|lowest free id|lowest free vmid|first free id|first free vmid|free vm id|free vmid|free vm ids|free vmids|free ids|next free number|which id can i use|prochain id|prochain vmid|prochain identifiant|prochain numero|premier id libre|premier vmid libre|premier identifiant libre|id libre|vmid libre|identifiant libre|identifiant de vm libre|id de vm libre|ids libres|identifiants libres|id disponible|identifiant disponible"
	uptimeWords    = "uptime|how long has|how long have|how long is|since when|depuis quand|depuis combien de temps|running for how long|duree de fonctionnement|temps de fonctionnement"
	withoutTags    = "no tag|no tags|without tag|without tags|without a tag|without any tag|without any tags|untagged|not tagged|have tags|any tags|sans etiquette|sans etiquettes|sans tag|sans tags|pas d etiquette|pas d etiquettes|aucune etiquette|aucun tag|pas de tag|pas de tags|sans aucun tag|sans aucune etiquette"
	withoutPool    = "no pool|without pool|without a pool|not in a pool|not in any pool|in any pool|outside any pool|sans pool|aucun pool|pas dans un pool|hors pool|pas de pool"
	losingSeveral  = "two nodes|2 nodes|deux noeuds|2 noeuds"
	losingThree    = "three nodes|3 nodes|trois noeuds|3 noeuds"
	haGroupWords   = "ha group|ha groups|ha rule|ha rules|groupe ha|groupes ha|groupe de ha|groupes de ha|regle ha|regles ha|regle de ha|regles de ha|groupe de haute disponibilite|groupes de haute disponibilite|regles de haute disponibilite|high availability groups|high availability group"
	snapshotWords  = "snapshot|snapshots|instantane|instantanes"
	backupWords    = "backup|backups|backed up|sauvegarde|sauvegardes|sauvegardee|sauvegardees|saved"
	systemWords    = "os|operating system|systeme d exploitation|distribution|distro|linux|windows"
	fineWords      = "something wrong|quelque chose qui cloche|everything ok|everything okay|everything fine|all ok|all good|any problem|any problems|any issues|anything wrong|healthy|tout va bien|des problemes|un probleme|quelque chose ne va pas|en bonne sante"
	supposing      = "if|when|suppose|si|quand|lorsque|happens|happen|passe"
	existsWords    = "do we have|do we already have|have we already got|do you already have|is there already|avons nous|avons nous deja|a t on deja|on a deja|existe deja|exist|exists|existe|existe t il|existe t elle|there a|y a t il"
	whyWords       = "why|pourquoi|what is wrong|qu est ce qui ne va pas"
	downWords      = "down|up|dead|broken|reachable|unreachable|failing|responding|en panne|hors service|injoignable|injoignables|joignable|joignables|eteint|eteints|mort|morts|tombe|tombes|ne repond pas|ne repondent pas|debout"
	loadWords      = "used|in use|usage|load|charge|utilisee|utilise|utilisation|occupation|occupied"
	processorWords = "processor|processors|processeur|processeurs|cpu model|which cpu|what cpu|quel cpu|quels cpu|cpu|cpus"
	hardwareWords  = "hardware|specs|specifications|made of|nic|nics|network card|network cards|physical disk|physical disks|physical drives|materiel|carte reseau|cartes reseau|disque physique|disques physiques|caracteristiques"
	wholeWords     = "state of the cluster|status of the cluster|health of the cluster|cluster state|cluster status|cluster health|how is the cluster|ha manager|health of ceph|ceph health|ceph status|ceph healthy|" +
		"etat du cluster|sante du cluster|statut du cluster|comment va le cluster|gestionnaire de ha|gestionnaire ha|etat de ceph|sante de ceph|comment va ceph"
	onesWords       = "on|in|use|uses|using|have|has|live|lives|stored|sit|sur|dans|utilise|utilisent|stocke|stockees|stockes|who|qui"
	inquiryOfGuests = "vm|vms|guest|guests|machine|machines|server|servers|container|containers|serveur|serveurs|conteneur|conteneurs|disk|disks|disques|who|what is on|what lies on|what is stored"
	spaceWords      = "free|space|full|left|usage|used|size|libre|libres|espace|place|plein|rempli|reste|taille|utilise a|capacity|capacite"
)

// certain reports whether a text is a question by its phrases alone, however it begins.
func (s *sentence) certain(p parsed) bool {
	if len(s.verbs) > 0 && s.verbs[0] < acStart && !s.said("give me|get me|donne moi|donnez moi|show me|montre moi") { // "set the next id …"
		return false
	}
	if p.question && (s.roomAsked(p) || s.nodeDown()) {
		return true
	}
	polite := p.question && s.said("est il|est elle|sont ils|sont elles|a t il|a t elle|ont ils|ont elles")
	return polite || s.said(nextIDWords) && !p.hasNewHead || s.said(uptimeWords) && (p.question || !p.hasNewHead)
}

// particular makes a query of a question that is told by phrases; ok is false when it is none of those.
func (s *sentence) particular(q *inquiry.Query) bool {
	node := q.Node != ""
	guests := len(q.Guests) > 0
	switch {
	case s.said(nextIDWords) && !s.takenID(q):
		q.Topic = inquiry.TopicNextID
	case q.ID > 0 || s.takenID(q):
		q.Topic = inquiry.TopicID
	case s.said("ids|vmids|identifiants") && s.said("taken|used|in use|free|pris|utilises|occupes|which|quels"):
		q.Topic = inquiry.TopicIDs
	case s.said(uptimeWords) && (guests || node || s.words[clNode]):
		q.Topic, q.Aspect = inquiry.TopicNode, inquiry.AspectUptime
		if guests {
			q.Topic = inquiry.TopicGuest
		}
	case s.said("version|versions") && !guests && !s.words[clTemplate]:
		q.Topic = inquiry.TopicCluster
	case s.said(wholeWords) && !guests && !node && !s.has[acSurvive] && !s.has[acLoss]:
		q.Topic = inquiry.TopicCluster
	case s.said(fineWords) && !guests && (s.cluster() || node):
		q.Topic = inquiry.TopicCluster
		if node {
			q.Topic = inquiry.TopicNode
		}
	case s.address(q) && (s.has[acFree] || s.said("taken|used|in use|pris|prise|utilise|utilisee|occupee")):
		q.Topic = inquiry.TopicIPFree
	case guests:
		return s.ofGuests(q)
	case s.said(haGroupWords):
		q.Topic = inquiry.TopicHAGroups
	case s.haGroup(q):
		q.Topic = inquiry.TopicGuests
	case s.existence(q):
	case node && s.said(whyWords):
		q.Topic = inquiry.TopicWhyOffline
	case s.has[acHowMany] && s.said("can|could|fit|fits|create|add|peut on|pouvons|puis je|tiennent|creer|ajouter|encore|rentre|rentrent") && s.roomFor(q):
		q.Topic, q.Limit = inquiry.TopicRoom, true
	case node && s.nodeDown():
		q.Topic = inquiry.TopicResilience
	case s.loss(q, node):
	case s.said("biggest vm i can|largest vm i can|biggest vm we can|largest vm we can|biggest machine i can|plus grande vm que|plus grosse vm que|plus grande machine que"), s.mayCreate() && s.roomFor(q):
		q.Topic = inquiry.TopicRoom
	case node && s.has[acRunning] && s.said("qu est ce qui"):
		q.Topic = inquiry.TopicGuests
	case s.usage(q, node):
		q.Topic = inquiry.TopicNode
		q.Down = !node && (s.said(downWords) || s.said("offline|online|hors ligne|en ligne")) && !s.said(loadWords)
	case s.listing(q):
	case s.has[acRoom] && !s.sized(q) && s.roomOfFamily(q):
		q.Topic = inquiry.TopicRoom
	case (node || s.words[clNode]) && s.said(hardwareWords) && !s.has[acFree] && !s.has[acRoom] && !s.has[acMost] && !s.has[acBusiest] && !s.words[clLeastLoaded] && !s.words[clMostLoaded] && !s.sized(q):
		q.Topic, q.Aspect = inquiry.TopicNode, inquiry.AspectHardware
	case (node || s.words[clNode]) && s.said(processorWords) && !s.has[acFree] && !s.has[acRoom] && !s.has[acMost] && !s.has[acBusiest] && !s.words[clLeastLoaded] && !s.words[clMostLoaded] && !s.sized(q):
		q.Topic, q.Aspect = inquiry.TopicNode, inquiry.AspectProcessor
	default:
		return false
	}
	return true
}

// hardwareAsked makes a query of a question for what a node is made of, which has the words of work that a person does on it.
func (s *sentence) hardwareAsked(p parsed) (inquiry.Query, bool) {
	if asks, _ := s.asks(p); !asks || len(s.nodes()) == 0 || !s.said(hardwareWords) || s.said(favours) || s.said(howTos) {
		return inquiry.Query{}, false
	}
	q, ok := s.query(p)
	return q, ok && q.Aspect == inquiry.AspectHardware
}

// sized reports whether a size was named.
func (s *sentence) sized(q *inquiry.Query) bool {
	return q.Cores > 0 || q.MemoryMiB > 0 || q.DiskGiB > 0
}

// takenID takes an id that a question asks about and that no guest has, or that it asks to be free.
func (s *sentence) takenID(q *inquiry.Query) bool {
	asks := s.has[acFree] || s.said(existsWords) || s.said("taken|used|in use|pris|utilise|occupe")
	if !asks || s.x.snap == nil {
		return false
	}
	for _, c := range s.clauses {
		for _, ref := range c.guests {
			if _, exists := s.x.snap.Guest(ref.id); ref.id > 0 && (!exists || s.has[acFree]) {
				q.ID = ref.id
				return true
			}
		}
	}
	for i := range s.p.toks {
		if s.p.is(i, clID) && s.p.toksAt(i+1, tokNumber) && s.p.toks[i+1].num >= 1 && s.p.toks[i+1].num <= 999999999 {
			q.ID = int(s.p.toks[i+1].num)
			return true
		}
	}
	return false
}

// address takes an address of the text.
func (s *sentence) address(q *inquiry.Query) bool {
	for _, t := range s.p.toks[:min(len(s.p.toks), 64)] {
		if ip, err := netip.ParseAddr(strings.TrimRight(t.raw, "?.")); err == nil {
			q.IP = ip.WithZone("").String()
			return true
		}
	}
	return false
}

// ofGuests takes aspects of guests that are told by phrases.
func (s *sentence) ofGuests(q *inquiry.Query) bool {
	switch {
	case s.has[acRoom] || s.has[acSurvive]:
		return false
	case s.said(snapshotWords):
		q.Aspect = inquiry.AspectSnapshots
	case s.said(backupWords):
		q.Aspect = inquiry.AspectBackups
	case s.said(systemWords):
		q.Aspect = inquiry.AspectOS
	case s.said("disks|disk|disques|disque") && !s.words[clMemory] && !s.words[clCores]:
		q.Aspect = inquiry.AspectDisks
	case s.said("protected|protection|protege|protegee|proteges|protegees") && !s.words[clHA]:
		q.Aspect, q.Setting = inquiry.AspectConfig, "protection"
	case s.said("at boot|on boot|au boot|au demarrage|with its node|avec son noeud|automatically|automatiquement|autostart|onboot"):
		q.Aspect, q.Setting = inquiry.AspectConfig, "onboot"
	case s.said("usage|utilisation|using|uses|consumes|consomme|consommation|load|charge") && !s.has[acWhere] && !s.words[clNetwork]:
		q.Aspect = inquiry.AspectUsage
	case s.said("owner|owns|proprietaire|appartient|agent|created|made|a cree"):
		q.Aspect = inquiry.AspectConfig
	default:
		return false
	}
	q.Topic = inquiry.TopicGuest
	return true
}

// haGroup takes the name of an HA group.
func (s *sentence) haGroup(q *inquiry.Query) bool {
	if s.x.snap == nil {
		return false
	}
	for _, g := range s.x.snap.HAGroups {
		if s.said(strings.TrimSpace(flatten(g.Name))) {
			q.HAGroup = g.Name
			q.HA = nil
			return true
		}
	}
	return false
}

// existence takes the question whether a guest of a name exists.
func (s *sentence) existence(q *inquiry.Query) bool {
	if !s.said(existsWords) {
		return false
	}
	for i := range s.p.toks {
		if !s.p.is(i, clNamed) {
			continue
		}
		name, ok := s.p.word(s.p.link(s.p.take(i, clNamed)))
		if !ok {
			continue
		}
		if found := s.x.named(name); len(found) > 0 {
			q.Topic, q.Guests = inquiry.TopicGuest, []int{found[0].VMID}
			return true
		}
		q.Topic, q.Missing = inquiry.TopicNoSuchThing, name
		return true
	}
	return false
}

// loss takes what becomes of the guests when nodes are lost.
func (s *sentence) loss(q *inquiry.Query, node bool) bool {
	lost := s.has[acLoss] || s.has[acSurvive] || s.said("die|both die|died|perdait|perdions|perdrait|perdrions|tombaient|tombent|tomberaient|mouraient|meurent|lachaient|lachent|disparaissaient|dead|disappears|disappeared|went down|down|unplugged|mourait|tombait|s eteint|s arrete|disparait|debranche|hors service")
	if !lost {
		return false
	}
	several := 0
	switch {
	case s.said(losingSeveral) || len(s.nodes()) == 2:
		several = 2
	case s.said(losingThree) || len(s.nodes()) > 2:
		several = max(3, len(s.nodes()))
	}
	switch {
	case several > 0:
		q.Topic, q.Losses, q.Lost = inquiry.TopicResilience, several, s.nodes()
	case node && (s.said(supposing) || s.has[acWhich] || s.has[acSurvive] || s.has[acHowMany]):
		q.Topic = inquiry.TopicResilience
	case node && s.said("down|hors service"):
		q.Topic = inquiry.TopicNode
	default:
		return false
	}
	return true
}

// listing takes lists that are narrowed by phrases.
func (s *sentence) listing(q *inquiry.Query) bool {
	machines := s.words[clMachine] || s.containers || s.said(inquiryOfGuests)
	switch {
	case machines && s.said(withoutTags) && q.Tag == "":
		q.Topic, q.NoTags, q.Number = inquiry.TopicGuests, true, s.has[acHowMany]
	case machines && s.said(withoutPool):
		q.Topic, q.NoPool, q.Pool, q.Number = inquiry.TopicGuests, true, "", s.has[acHowMany]
	case machines && s.said("agent|guest agent|agent qemu|qemu agent"):
		q.Topic = inquiry.TopicAgent
	case q.Storage != "" && machines && s.said(onesWords) && !s.said(spaceWords) && !s.sized(q) && !s.has[acRoom]:
		q.Topic = inquiry.TopicOnStorage
	case s.words[clTemplate] && s.said("cloud init|cloudinit"):
		q.Topic, q.Like = inquiry.TopicTemplates, "cloud-init"
	case (s.has[acThere] || s.has[acWhich] || s.has[acList]) && (s.words[clTemplate] || s.has[acISO]) && s.like(q):
	case s.has[acISO] && !machines || s.said("container template|container templates|modele de conteneur|modeles de conteneur|modeles de conteneurs|templates de conteneur"):
		q.Topic, q.Content = inquiry.TopicImages, s.content()
	case machines && s.said("most cores|most vcpus|most cpus|plus de coeurs|plus de vcpu|plus de cpu"):
		q.Topic, q.Most = inquiry.TopicGuests, "cores"
	case machines && s.words[clMachine] && s.memoryOver(q):
		q.Topic, q.MemoryMiB = inquiry.TopicGuests, 0
	case s.words[clDisk] && s.has[acFree] && (s.words[clNode] || s.has[acMost]), s.said("ceph|nfs|zfs|lvm") && s.said(spaceWords):
		q.Topic = inquiry.TopicStorages
	case s.words[clStorage] && q.Storage == "" && q.MemoryMiB > 0 && !s.words[clMemory]: // "a storage with 200 GB free"
		q.Topic, q.DiskGiB, q.MemoryMiB = inquiry.TopicRoom, gibibytes(q.MemoryMiB), 0
	case s.networkNamed(q):
		q.Topic = inquiry.TopicNetworks
		if s.words[clMachine] || s.containers || s.said("who|qui") {
			q.Topic = inquiry.TopicOnNetwork
		}
	default:
		return false
	}
	return true
}

// content is the kind of image that is asked for.
func (s *sentence) content() string {
	switch {
	case s.said("iso|isos"):
		return "iso"
	case s.said("cloud image|cloud images|image cloud|images cloud"):
		return "import"
	case s.said("container template|container templates|modele de conteneur|modeles de conteneur|modeles de conteneurs|templates de conteneur"):
		return "vztmpl"
	}
	return ""
}

// systemNames are words that names of templates and images have for operating systems.
var systemNames = []string{"debian", "ubuntu", "alpine", "rocky", "alma", "fedora", "centos", "arch", "opensuse", "suse", "windows", "opnsense", "pfsense", "talos", "flatcar", "k3s", "noble", "jammy", "bookworm", "trixie", "freebsd"}

// like takes the system that a template or an image should be of.
func (s *sentence) like(q *inquiry.Query) bool {
	for _, w := range systemNames {
		if s.said(w) {
			q.Like = w
			q.Topic = inquiry.TopicTemplates
			if s.has[acISO] && !s.words[clTemplate] {
				q.Topic, q.Content = inquiry.TopicImages, s.content()
			}
			return true
		}
	}
	return false
}

// networkNamed takes the network that a question is about.
func (s *sentence) networkNamed(q *inquiry.Query) bool {
	for i, t := range s.p.toks {
		if s.p.things(i)&aNetwork != 0 {
			q.Network, _ = s.x.find(t.fold, aNetwork)
			return q.Network != ""
		}
	}
	return false
}

// roomFor takes the size of the guests of which is asked how many fit.
func (s *sentence) roomFor(q *inquiry.Query) bool {
	for _, c := range s.clauses {
		for _, w := range c.wishes {
			switch w.field {
			case fieldMemory:
				q.MemoryMiB = w.n
			case fieldCores:
				q.Cores = w.n
			case fieldDisk:
				q.DiskGiB = gibibytes(w.n)
			}
		}
	}
	return s.sized(q) || s.roomOfFamily(q)
}

// roomOfFamily takes the size from the guests that a role word means, the largest of them, or from the role, and their number.
func (s *sentence) roomOfFamily(q *inquiry.Query) bool {
	for i := 0; i < len(s.p.toks); i++ {
		if !s.p.is(i, clRole) {
			continue
		}
		end := i + s.p.read[i].n
		if n := s.numberBefore(i); n > 0 {
			q.Count = n
		}
		if part := s.familyOf(s.p.text[s.p.toks[i].start:s.p.toks[end-1].end]); part != "" {
			var model pve.Guest
			for _, id := range s.x.members(part) {
				if g, ok := s.x.snap.Guest(id); ok && g.MemoryBytes > model.MemoryBytes {
					model = g
				}
			}
			if model.MemoryBytes > 0 {
				q.MemoryMiB, q.Cores, q.Reference = int(model.MemoryBytes>>20), int(model.CPUs+0.999), model.Name
				return true
			}
		}
		if p, ok := roleOf(s.p.read[i].lex.val); ok {
			q.MemoryMiB, q.Cores = p.memoryMiB, p.cores
			return true
		}
	}
	return false
}

// numberBefore returns the number that counts the noun at i: "three more workers", "trois autres workers".
func (s *sentence) numberBefore(i int) int {
	for j := max(0, i-4); j < i; j++ {
		if n, next, ok := s.p.integer(j); ok && n >= 1 && n <= 1000 {
			rest := s.p.toks[next:i]
			if !slices.ContainsFunc(rest, func(t token) bool { return t.kind != tokWord }) {
				return n
			}
		}
	}
	return 0
}

// nodeDown reports whether a text asks whether a node may be taken down: "can I shut down pmox03 for maintenance?".
func (s *sentence) nodeDown() bool {
	return len(s.nodes()) > 0 && s.said("can i|can we|could i|could we|may i|puis je|peut on|pouvons nous|est ce que je peux|is it safe to") &&
		s.said("shut down|shutdown|power off|turn off|switch off|reboot|restart|take down|lose|eteindre|redemarrer|arreter|couper|debrancher")
}

// mayCreate reports whether a text asks whether a machine could be created, rather than for one.
func (s *sentence) mayCreate() bool {
	return s.said("puis je creer|peut on creer|pouvons nous creer|pourrait on creer|est ce que je peux creer|can i create|can we create|could i create|could we create|can i still create|can we still create|puis je encore creer|peut on encore creer")
}

// roomAsked reports whether such a question has a size and says nothing that only a machine to be made has.
func (s *sentence) roomAsked(p parsed) bool {
	return s.mayCreate() && !slices.ContainsFunc(p.items, func(it item) bool { return it.kind == itNames || it.kind == itSource })
}

// usage takes the question how busy nodes are, or which of them are online.
func (s *sentence) usage(q *inquiry.Query, node bool) bool {
	busy := s.said(loadWords) && (node || s.cluster() || s.words[clNode])
	online := (s.words[clNode] || node) && (s.said("offline|online|hors ligne|en ligne") || s.said(downWords) && !s.said(supposing) && !s.has[acSurvive])
	return (busy || online) && !s.words[clStorage] && q.Storage == "" && !s.words[clMachine] && !s.has[acBusiest] && !s.has[acMost] && !s.has[acFree]
}

// memoryOver takes the size above which guests are listed.
func (s *sentence) memoryOver(q *inquiry.Query) bool {
	least := s.said("at least|au moins")
	if s.has[acRoom] || s.has[acFree] || !least && !s.said("more than|over|above|bigger than|larger than|plus de|au dessus de|superieur a|superieure a") {
		return false
	}
	for _, c := range s.clauses {
		for _, w := range c.wishes {
			if w.field == fieldMemory && w.n > 1 {
				q.MemoryOverMiB = w.n
				if least {
					q.MemoryOverMiB--
				}
				return true
			}
		}
	}
	return false
}
