package understand

import "strings"

// column is what the cells of one column of a table say.
type column struct {
	prefix string // words of the grammar that introduce a cell, so that it is read as if it stood in a sentence
	field  string // for the columns that need more than a prefix
	unit   string // of the column, from its header: "RAM (GB)"
}

// cell is a part of a line, by its byte offsets.
type cell struct{ start, end int }

// grid is a table in a text: a header line and rows.
type grid struct {
	start, end int // byte offsets
	columns    []column
	rows       [][]cell
}

// columns are the headers in both languages, by what their cells say.
var columns = func() map[string]column {
	m := map[string]column{}
	for _, c := range []struct{ prefix, field, words string }{
		{"", "name", "name|nom|vm|vms|machine|machines|hostname|host name|vm name|nom vm|nom de la vm|nom machine|nom de la machine|server|serveur|nom d'hote|names|noms|machine name|server name|nom du serveur"},
		{"", "count", "count|number|nombre|qty|quantity|quantite|qte|nb|instances|how many|combien|replicas|copies|exemplaires|nb vm|nb de vm|nombre de vm"},
		{"", "role", "role|fonction|usage|type|purpose|service|kind|what for|utilisation|function|roles|use"},
		{"", "ha", "ha|haute disponibilite|high availability|haute dispo"},
		{"", "boot", "onboot|autostart|start at boot|start on boot|demarrage auto|demarrage automatique|auto start|autodemarrage"},
		{"", "backup", "backup|sauvegarde|backups|sauvegardes|backed up|sauvegardee"},
		{"", "index", "#|n°|no|nr|num"},
		{"", "disk", "disk|disque|hdd|ssd|disks|disques|disk size|taille disque|taille du disque|disque dur|disk space|boot disk|disque systeme|system disk|espace disque|root disk|hard disk|storage|stockage|stockages"},
		{"extra disk: ", "", "data disk|disque de donnees|disque donnees|disque data|extra disk|second disk|disque 2|disk 2|disque supplementaire|additional disk|data"},
		{"cores: ", "", "cores|core|cpu|cpus|vcpu|vcpus|coeurs|coeur|processeurs|processeur|proc|nb cpu|nb coeurs|nb de coeurs|vcores|processors|nombre de coeurs|c"},
		{"sockets: ", "", "sockets|socket"},
		{"memory: ", "", "ram|memory|memoire|mem|memoire vive|memoire ram"},
		{"storage ", "", "datastore|storage pool|pool de stockage|disk storage|stockage disque"},
		{"ip: ", "", "ip|ipv4|address|adresse|adresse ip|ip address|ips|adresses|ip/cidr|adresses ip"},
		{"gateway: ", "", "gateway|gw|passerelle"},
		{"vlan: ", "", "vlan|vlan id|tag vlan|vlan tag"},
		{"network: ", "", "network|reseau|bridge|vnet|net|pont|networks|reseaux"},
		{"on node ", "", "node|noeud|host|hote|hyperviseur|hypervisor|nodes|noeuds|target node|noeud cible"},
		{"pool: ", "", "pool|resource pool|pool de ressources"},
		{"tags: ", "", "tags|tag|etiquettes|etiquette|labels|label"},
		{"from template ", "source", "template|template id|id template|id du template|id de template|template vmid|vmid template|id modele|id du modele|modele id|tpl id|modele|gabarit|tpl|clone of|clone de|source|base|from"},
		{"from image ", "source", "image|iso|cloud image"},
		{"", "os", "os|systeme|system|distribution|distro|systeme d'exploitation|operating system"},
		{"user ", "", "user|utilisateur|login|username|compte"},
		{"id ", "", "vmid|id|vm id|vm-id|identifiant"},
		{"dns: ", "", "dns|nameserver|serveur dns|dns server"},
		{"search domain: ", "", "domain|domaine|search domain|domaine de recherche"},
		{"description: ", "", "description|note|notes|commentaire|commentaires|comment|comments|remarque|remarques|desc"},
		{"start order: ", "", "start order|ordre|order|ordre de demarrage|boot order|startup order|startup"},
		{"start delay: ", "", "start delay|delai|delai de demarrage|up delay|delay"},
		{"cpu type: ", "", "cpu type|type de cpu|type cpu|cputype"},
	} {
		for w := range strings.SplitSeq(c.words, "|") {
			m[w] = column{prefix: c.prefix, field: c.field}
		}
	}
	return m
}()

// columnOf reads a header: "RAM (GB)", "mémoire en Go", "cœurs".
func columnOf(header string) (column, bool) {
	words := strings.FieldsFunc(fold(header), func(r rune) bool { return strings.ContainsRune(" ()[]*_`:\u00a0\u202f", r) })
	if len(words) == 0 {
		return column{}, false
	}
	if c, ok := columns[strings.Join(words, " ")]; ok {
		return c, true
	}
	last := words[len(words)-1]
	if _, isUnit := sizeUnits[last]; isUnit && len(words) > 1 {
		words = words[:len(words)-1]
		if n := len(words); n > 1 && (words[n-1] == "en" || words[n-1] == "in") {
			words = words[:n-1]
		}
		c, ok := columns[strings.Join(words, " ")]
		c.unit = last
		return c, ok
	}
	return column{}, false
}

// grids finds the tables of a text: a line of headers, and lines of as many cells. It reads each line once.
func grids(text string) []grid {
	if !strings.Contains(text, "\n") {
		return nil
	}
	var found []grid
	var open *grid
	var sep byte
	for at := 0; at < len(text); {
		end := at + len(text[at:])
		if k := strings.IndexByte(text[at:], '\n'); k >= 0 {
			end = at + k
		}
		next := min(end+1, len(text))
		if next == end {
			next++
		}
		line := strings.TrimRight(text[at:end], "\r")
		switch {
		case open != nil && rule(line):
			open.end = at + len(line)
		case open != nil:
			cells := cellsOf(line, at, sep)
			exact := sep == ',' || sep == ' '
			if len(cells) >= 2 && (len(cells) == len(open.columns) || !exact && len(cells) < len(open.columns)+1 || sep == ' ' && len(cells) == len(open.columns)) {
				open.rows, open.end = append(open.rows, cells), at+len(line)
				break
			}
			if len(open.rows) > 0 {
				found = append(found, *open)
			}
			open, sep = header(line, at)
		default:
			open, sep = header(line, at)
		}
		at = next
	}
	if open != nil && len(open.rows) > 0 {
		found = append(found, *open)
	}
	return found
}

// rule reports whether a line only draws: "|---|:---|".
func rule(line string) bool {
	line = strings.TrimSpace(line)
	return len(line) > 2 && strings.Trim(line, "-:|+= \t") == "" && strings.ContainsAny(line, "-=")
}

// headerMost bounds how many columns a table may have.
const headerMost = 40

// header reads a line as the headers of a table; nil when it is none. At least two columns must be known, and no fewer than half.
func header(line string, at int) (*grid, byte) {
	if len(line) > 1000 {
		return nil, 0
	}
	for _, sep := range []byte("|;\t, ") {
		cells := cellsOf(line, at, sep)
		if len(cells) < 2 || len(cells) > headerMost {
			continue
		}
		g := &grid{start: at, end: at + len(line)}
		known := 0
		for _, c := range cells {
			col, ok := columnOf(line[c.start-at : c.end-at])
			if ok {
				known++
			} else {
				col.field = "unknown"
			}
			g.columns = append(g.columns, col)
		}
		if known >= 2 && known*2 >= len(cells) {
			return g, sep
		}
	}
	return nil, 0
}

// cellsOf cuts a line at a separator; a blank separates where two or more, or a tab, stand together.
func cellsOf(line string, at int, sep byte) []cell {
	if sep != ' ' && strings.IndexByte(line, sep) < 0 {
		return nil
	}
	var cells []cell
	add := func(from, to int) {
		for from < to && (line[from] == ' ' || line[from] == '\t') {
			from++
		}
		for to > from && (line[to-1] == ' ' || line[to-1] == '\t') {
			to--
		}
		cells = append(cells, cell{at + from, at + to})
	}
	from := 0
	if sep == '|' {
		if i := strings.IndexByte(line, '|'); strings.TrimSpace(line[:i]) == "" { // the border
			from = i + 1
		}
	}
	for i := from; i < len(line); i++ {
		if line[i] != sep {
			continue
		}
		if sep == ' ' {
			k := i
			for k < len(line) && line[k] == ' ' {
				k++
			}
			if k-i < 2 || k == len(line) || i == 0 || strings.TrimSpace(line[from:i]) == "" {
				i = k - 1
				continue
			}
			add(from, i)
			from, i = k, k-1
			continue
		}
		add(from, i)
		from = i + 1
	}
	if sep != '|' || strings.TrimSpace(line[from:]) != "" {
		add(from, len(line))
	}
	return cells
}

// tableAt reads a table: each row is a machine, or several equal ones.
func (p *parser) tableAt() bool {
	if p.objectAt() {
		return true
	}
	if p.table >= len(p.grids) || p.toks[p.i].start < p.grids[p.table].start || p.toks[p.i].start >= p.grids[p.table].end {
		return false
	}
	g := p.grids[p.table]
	before := len(p.out.items)
	p.table++
	for _, row := range g.rows {
		p.out.items = append(p.out.items, item{kind: itRow, on: true, start: row[0].start, end: row[len(row)-1].end})
		for k, c := range row {
			if k < len(g.columns) {
				p.cell(g.columns[k], c)
			}
		}
	}
	for p.i < len(p.toks) && p.toks[p.i].start < g.end {
		p.i++
	}
	p.out.items = append(p.out.items, item{kind: itRowEnd, start: g.end, end: g.end})
	for _, it := range p.out.items[before:] {
		p.note(it)
	}
	p.out.hasHead, p.out.hasNewHead = true, true
	p.last, p.fillerFrom = clNone, -1
	return true
}

// blank are the cells that say nothing.
var blank = map[string]bool{"": true, "-": true, "--": true, "—": true, "–": true, "n/a": true, "/": true, "?": true, "x": false, "na": true, "none": true, "aucun": true, "aucune": true, "auto": true}

// truths are the cells that say yes or no.
var truths = map[string]bool{"yes": true, "y": true, "oui": true, "o": true, "x": true, "✓": true, "✔": true, "true": true, "vrai": true, "1": true, "on": true, "ja": true,
	"no": false, "n": false, "non": false, "false": false, "faux": false, "0": false, "off": false, "✗": false, "✘": false}

// cell reads one cell with the grammar of sentences.
func (p *parser) cell(c column, at cell) {
	raw := p.text[at.start:at.end]
	folded := fold(strings.Trim(raw, "*`_ "))
	one := func(it item) {
		it.start, it.end = at.start, at.end
		p.out.items = append(p.out.items, it)
	}
	if blank[folded] && c.field != "unknown" || raw == "" {
		return
	}
	prefix, suffix := c.prefix, ""
	switch c.field {
	case "index":
		return
	case "unknown":
		one(item{kind: itUnknown})
		return
	case "ha", "boot", "backup":
		if v, ok := truths[folded]; ok {
			kind := map[string]itemKind{"ha": itHA, "boot": itBoot, "backup": itBackup}[c.field]
			one(item{kind: kind, on: v})
			return
		}
		prefix = map[string]string{"ha": "HA group ", "boot": "", "backup": ""}[c.field]
	case "name":
		name := strings.Trim(raw, "*`\"'«» ")
		names := expand(name)
		if a, b, ok := cutRange(name); ok {
			if r, _ := rangeOf(a, b); r != nil {
				names = r
			}
		} else if list := strings.FieldsFunc(name, func(r rune) bool { return r == ',' || r == '/' || r == ' ' }); len(list) > 1 && len(names) == 1 {
			names = list
		}
		one(item{kind: itNames, list: names})
		return
	case "count":
		prefix, suffix = "", " copies"
	case "role":
		prefix = "a "
	case "source":
		if imageFile(raw) || strings.Contains(raw, "://") {
			prefix = "from image "
		}
	case "disk":
		prefix = "disk: "
	}
	if c.unit != "" && digits(folded) > 0 && strings.Trim(folded, "0123456789., ") == "" {
		suffix = " " + c.unit
	}
	sub := newParser(prefix+raw+suffix, p.names)
	parsed := sub.all()
	p.out.known = append(p.out.known, parsed.known...)
	understood := false
	for _, it := range parsed.items {
		switch it.kind {
		case itComma, itStop, itAll, itSignal:
			continue
		case itHead:
			if it.role == "" {
				continue
			}
			it = item{kind: itRole, role: it.role, start: it.start, end: it.end}
		case itSize:
			if c.field == "disk" {
				it.kind = itDisk
			}
		}
		it.start = min(max(at.start, at.start+it.start-len(prefix)), at.end)
		it.end = min(max(it.start, at.start+it.end-len(prefix)), at.end)
		if it.kind == itUnknown && c.field == "disk" && p.names.has(folded) {
			it = item{kind: itStorage, s: raw, start: at.start, end: at.end}
		}
		understood = true
		p.out.items = append(p.out.items, it)
	}
	if !understood {
		one(item{kind: itUnknown})
	}
}

// cutRange cuts "web-01 to web-03" into its ends.
func cutRange(s string) (from, to string, ok bool) {
	for _, sep := range []string{" to ", " à ", " a ", "..", " - ", "–", "…", "→"} {
		if a, b, found := strings.Cut(s, sep); found {
			return strings.TrimSpace(a), strings.TrimLeft(strings.TrimSpace(b), "."), true
		}
	}
	return "", "", false
}
