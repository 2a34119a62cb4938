package mention

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// A Phrase is words of a text with their place, in bytes.
type Phrase struct {
	Start, End int
}

// Has reports whether the phrase stands in the text.
func (p Phrase) Has() bool { return p.End > p.Start }

// A Value is something that a text says, and the words that say it.
type Value struct {
	V  string
	At Phrase
}

// A Repository is one repository that a text speaks of.
type Repository struct {
	// URL without what forges add to it for browsing. A password in it is left out; Password tells.
	URL Value
	// Ref is a branch or a tag; empty: the default branch.
	Ref Value
	// Folder within the repository; empty: all of it.
	Folder Value
	// Password reports that the address held a password.
	Password bool
}

const (
	// addressRunes ends an address: what no URL holds unescaped, and quotes of both languages.
	address = `[^\s<>"'` + "`" + `«»“”‘’|]+`
	// value of a branch, tag or folder.
	word = `["'` + "`" + `«“]?\s?([A-Za-z0-9_.][A-Za-z0-9_./@+-]*)\s?["'` + "`" + `»”]?`
)

var (
	withScheme = regexp.MustCompile(`(?i)(?:^|[^\pL\pN])((?:git\+)?(?:https?|ssh|git|file)://` + address + `)`)
	scpLike    = regexp.MustCompile(`(?:^|[^\pL\pN.@/])([A-Za-z_][A-Za-z0-9._-]*@[A-Za-z0-9][A-Za-z0-9.-]*:[A-Za-z0-9_~./-]+)`)
	bareForge  = regexp.MustCompile(`(?i)(?:^|[^\pL\pN./@-])((?:www\.)?(?:github\.com|gitlab\.com|codeberg\.org|bitbucket\.org|gitea\.com|git\.sr\.ht)/` + address + `)`)

	// before is what stands ahead of the address of a repository and makes it one.
	before = regexp.MustCompile(`(?i)(?:\bgit(?: clone)?|\brepo(?:s|sitory|sitories)?|\bd[ée]p[ôo]ts?|\bcode ?source|\bsource code|\bsources)(?:\s+(?:git|is|est|at|à|de|from|of|here|ici|url|located|situé))*\s*[:=(]?\s*["'` + "`" + `«<]?\s?$`)

	links = `(?:[\s,;(]|\b(?:and|et|on|sur|at|à|a|au|from|de|du|depuis|in|into|dans|within|the|la|le|les|its|son|sa|with|avec|using|use|utilise|en|of|only|seulement|uniquement|checkout|check out|take|prends|prendre)\b|l'|d')*`

	refBehind    = regexp.MustCompile(`(?i)^` + links + `(?:branche?|tag|[ée]tiquette|release|r[ée]vision|ref)\b\s*(?:name|named|nomm[ée]e?|called|appel[ée]e?|=|:|is|est)?\s*` + word)
	refAhead     = regexp.MustCompile(`(?i)^` + links + word + `\s+(?:branch|tag)\b`)
	folderBehind = regexp.MustCompile(`(?i)^` + links + `(?:folder|sub-?folder|directory|sub-?directory|sub-?dir|dir|path|dossier|sous-dossier|r[ée]pertoire|sous-r[ée]pertoire|chemin)\b\s*(?:named|nomm[ée]|called|appel[ée]|=|:|is|est)?\s*` + word)
	folderAhead  = regexp.MustCompile(`(?i)^` + links + word + `\s+(?:folder|sub-?folder|directory|sub-?directory)\b`)
	closing      = regexp.MustCompile(`^\s*\)`)

	refOf    = regexp.MustCompile(`(?i)(?:\b(?:the|la|le)\s+|\bl'\s?)?(?:branche?|tag|[ée]tiquette|release)\s+` + word + `\s+(?:of|from|in|de|du|depuis|dans)\s+(?:(?:the|la|le|l')\s*)?(?:git\s+)?(?:repo(?:sitory)?|d[ée]p[ôo]t)?\s*(?:git)?\s*:?\s*["'` + "`" + `«<]?\s?$`)
	refAt    = regexp.MustCompile(`(?i)(?:\b(?:the)\s+)` + word + `\s+(?:branch|tag)\s+(?:of|from)\s+(?:(?:the)\s*)?(?:git\s+)?(?:repo(?:sitory)?)?\s*:?\s*$`)
	folderOf = regexp.MustCompile(`(?i)(?:\b(?:the|la|le)\s+)?(?:folder|directory|dossier|r[ée]pertoire|sous-dossier)\s+` + word + `\s+(?:of|from|in|de|du|depuis|dans)\s+(?:(?:the|la|le|l')\s*)?(?:git\s+)?(?:repo(?:sitory)?|d[ée]p[ôo]t)?\s*(?:git)?\s*:?\s*["'` + "`" + `«<]?\s?$`)
)

// Repositories returns the repositories that a text speaks of, in the order of the text. An address that names no repository, such as
// that of a disk image, is none.
func Repositories(text string) []Repository {
	var out []Repository
	for _, at := range addresses(text) {
		raw := text[at.Start:at.End]
		prefixed := before.MatchString(text[:at.Start])
		r, ok := read(raw, prefixed)
		if !ok {
			continue
		}
		r.URL.At = at
		r.around(text)
		if slices.ContainsFunc(out, func(o Repository) bool { return o.same(r) }) {
			continue
		}
		out = append(out, r)
	}
	return out
}

func (r Repository) same(o Repository) bool {
	return r.URL.V == o.URL.V && r.Ref.V == o.Ref.V && r.Folder.V == o.Folder.V
}

// addresses finds what may be the address of a repository.
func addresses(text string) []Phrase {
	var out []Phrase
	add := func(m []int) {
		start, end := m[2], m[3]
		for end > start && strings.ContainsRune(".,;:!?)]}", rune(text[end-1])) {
			end--
		}
		if !slices.ContainsFunc(out, func(p Phrase) bool { return start < p.End && p.Start < end }) {
			out = append(out, Phrase{start, end})
		}
	}
	for _, find := range []*regexp.Regexp{withScheme, scpLike, bareForge} {
		for _, m := range find.FindAllStringSubmatchIndex(text, -1) {
			add(m)
		}
	}
	slices.SortFunc(out, func(a, b Phrase) int { return a.Start - b.Start })
	return out
}

// read takes an address apart. Announced reports that the words ahead of it call it a repository.
func read(raw string, announced bool) (Repository, bool) {
	var r Repository
	if !strings.Contains(raw, "://") {
		if user, rest, ok := strings.Cut(raw, "@"); ok { // git@host:path
			host, path, _ := strings.Cut(rest, ":")
			if !announced && user != "git" && !strings.HasSuffix(path, ".git") || strings.Trim(path, "0123456789") == "" {
				return r, false
			}
			r.URL.V = user + "@" + host + ":" + path
			return r, true
		}
		raw = "https://" + raw
	}
	raw = trimPrefixFold(raw, "git+")
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" {
		return r, false
	}
	u.Scheme = strings.ToLower(u.Scheme)
	if _, set := u.User.Password(); set {
		r.Password = true
		u.User = nil
	}
	if u.Scheme != "ssh" {
		u.User = nil
	}
	host := strings.ToLower(u.Hostname())
	path := strings.TrimSuffix(u.Path, "/")
	repository := strings.HasSuffix(path, ".git") || strings.Contains(path, ".git/") || forge(host) || announced || u.Scheme == "ssh" || u.Scheme == "git"
	if !repository || path == "" || file(path) {
		return r, false
	}
	if q := u.Query().Get("ref"); q != "" {
		r.Ref.V = q
	}
	r.browsed(&path)
	if i := strings.Index(path, "//"); i > 0 { // as Terraform writes a folder
		path, r.Folder.V = path[:i], strings.Trim(path[i:], "/")
	}
	if i := strings.Index(path, ".git/"); i > 0 {
		path, r.Folder.V = path[:i+4], strings.Trim(path[i+5:], "/")
	}
	if u.Fragment != "" && r.Ref.V == "" {
		r.Ref.V = u.Fragment
	}
	if at := strings.LastIndexByte(path, '@'); at > strings.LastIndexByte(path, '/') && r.Ref.V == "" && at < len(path)-1 {
		path, r.Ref.V = path[:at], path[at+1:]
	}
	u.Path, u.RawPath, u.RawQuery, u.Fragment = path, "", "", ""
	r.URL.V = u.String()
	if !plainRef(r.Ref.V) {
		r.Ref.V = ""
	}
	return r, true
}

// browsed reads the addresses that forges give to folders and branches when somebody browses them. A branch with a slash in its name cannot be
// told from a folder there; the first element is taken.
func (r *Repository) browsed(path *string) {
	for _, mark := range []string{"/-/tree/", "/-/blob/", "/src/branch/", "/src/tag/", "/tree/", "/src/"} {
		root, rest, ok := strings.Cut(*path, mark)
		if !ok || strings.Count(root, "/") < 2 {
			continue
		}
		ref, folder, _ := strings.Cut(rest, "/")
		*path, r.Ref.V, r.Folder.V = root, ref, folder
		return
	}
	for _, mark := range []string{"/releases/tag/", "/-/tags/"} {
		if root, ref, ok := strings.Cut(*path, mark); ok && !strings.Contains(ref, "/") {
			*path, r.Ref.V = root, ref
			return
		}
	}
}

// around reads branch, tag and folder in the words next to the address.
func (r *Repository) around(text string) {
	ahead := text[:r.URL.At.Start]
	for _, m := range []struct {
		find *regexp.Regexp
		into *Value
	}{{refAt, &r.Ref}, {refOf, &r.Ref}, {folderOf, &r.Folder}} {
		if s := m.find.FindStringSubmatchIndex(ahead); s != nil && m.into.V == "" {
			if v := trimValue(ahead[s[2]:s[3]]); v != "" && !function[strings.ToLower(v)] {
				*m.into = Value{v, Phrase{s[0], s[1]}}
			}
		}
	}
	from := r.URL.At.End
	for {
		n := r.attribute(text, from)
		if n == 0 {
			break
		}
		from += n
	}
}

// attribute reads one attribute that begins at a place and returns how many bytes it takes; 0: there is none.
func (r *Repository) attribute(text string, from int) int {
	rest := text[from:]
	for _, m := range []struct {
		find *regexp.Regexp
		into *Value
	}{{refBehind, &r.Ref}, {folderBehind, &r.Folder}, {refAhead, &r.Ref}, {folderAhead, &r.Folder}} {
		s := m.find.FindStringSubmatchIndex(rest)
		if s == nil || m.into.At.Has() {
			continue
		}
		v := trimValue(rest[s[2]:s[3]])
		if v == "" || function[strings.ToLower(v)] {
			continue
		}
		end := s[1]
		if c := closing.FindStringIndex(rest[end:]); c != nil {
			end += c[1]
		}
		*m.into = Value{v, Phrase{from, from + end}}
		return end
	}
	return 0
}

// Attributes returns what a text without an address says of a repository, as an answer does: "branche develop".
func Attributes(text string) Repository {
	var r Repository
	for i := 0; i < len(text); {
		if n := r.attribute(text, i); n > 0 {
			i += n
			continue
		}
		next := strings.IndexAny(text[i:], " ,;(")
		if next < 0 {
			break
		}
		i += next + 1
	}
	return r
}

// function are words that stand where a name might: "on the branch and …".
var function = map[string]bool{"and": true, "et": true, "on": true, "sur": true, "the": true, "la": true, "le": true, "of": true, "de": true, "du": true, "in": true, "dans": true, "to": true, "is": true, "est": true,
	"with": true, "avec": true, "from": true, "a": true, "an": true, "un": true, "une": true, "as": true, "for": true, "pour": true, "it": true, "that": true, "this": true, "at": true, "using": true, "into": true, "onto": true,
	"branch": true, "branche": true, "tag": true}

// trimValue drops the punctuation that ends a sentence.
func trimValue(v string) string { return strings.Trim(strings.TrimRight(v, ".,;:!?"), "/") }

// plainRef reports whether a ref is one that the contract takes.
func plainRef(ref string) bool {
	return ref != "" && len(ref) <= 255 && !strings.HasPrefix(ref, "-") && !strings.Contains(ref, "..") &&
		strings.IndexFunc(ref, func(c rune) bool {
			return !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune("._/@+-", c))
		}) < 0
}

// forge reports whether a host serves repositories.
func forge(host string) bool {
	for _, part := range strings.FieldsFunc(host, func(c rune) bool { return c == '.' || c == '-' }) {
		switch part {
		case "git", "github", "gitlab", "gitea", "forgejo", "codeberg", "bitbucket", "gogs", "gerrit", "forge", "scm":
			return true
		}
	}
	return strings.HasSuffix(host, "sr.ht")
}

// file reports whether a path names a file that is fetched as such: an image, an archive, a release.
func file(path string) bool {
	path = strings.ToLower(path)
	for _, suffix := range []string{".qcow2", ".img", ".iso", ".raw", ".vmdk", ".xz", ".gz", ".zst", ".zip", ".tar", ".tgz", ".bz2", ".ova", ".vhd", ".vhdx", ".sh", ".pem", ".pub", ".keys", ".html"} {
		if strings.HasSuffix(path, suffix) {
			return true
		}
	}
	return strings.Contains(path, "/releases/download/")
}

func trimPrefixFold(s, prefix string) string {
	if len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix) {
		return s[len(prefix):]
	}
	return s
}

// Blank returns the text with spaces in place of every phrase, so that what is left keeps its place.
func Blank(text string, phrases ...Phrase) string {
	b := []byte(text)
	for _, p := range phrases {
		for i := p.Start; i < p.End && i < len(b); i++ {
			b[i] = ' '
		}
	}
	return string(b)
}

// Phrases are the places of all that a repository was read from.
func (r Repository) Phrases() []Phrase {
	var out []Phrase
	for _, p := range []Phrase{r.URL.At, r.Ref.At, r.Folder.At} {
		if p.Has() {
			out = append(out, p)
		}
	}
	return out
}

// announced is what stands directly ahead of an address and only announces it: "for the repository ", "pour le dépôt ".
var announced = regexp.MustCompile(`(?i)(?:\b(?:for|from|of|with|using|at|pour|depuis|du|de|avec|à partir du|à partir de|in|dans)\s+)?(?:\b(?:the|this|our|my|a|le|ce|cette|notre|mon|un)\s+|\bl'\s?)?(?:(?:app(?:lication|li)?|code|project|projet|service|site)\s+(?:at|from|in|of|du|de|dans|depuis|à)\s+)?(?:\b(?:the|this|le|ce|l')\s*)?(?:git(?:\s+clone)?|clone(?:r|z)?|(?:git\s+)?repo(?:sitory)?|d[ée]p[ôo]t(?:\s+git)?)?\s*(?:at|from|:|est|is|à)?\s*["'` + "`" + `«<]?\s?$`)

// Announcement is where the words stand that announce an address and say nothing else.
func (r Repository) Announcement(text string) Phrase {
	end := r.URL.At.Start
	if m := announced.FindStringIndex(text[:end]); m != nil {
		return Phrase{m[0], end}
	}
	return Phrase{}
}

// Read takes an address that is known to be a repository's apart. It reports false for what is no address of one.
func Read(raw string) (Repository, bool) {
	if strings.ContainsFunc(raw, func(c rune) bool { return c <= ' ' || c == 0x7f }) || strings.HasPrefix(raw, "-") {
		return Repository{}, false
	}
	return read(raw, true)
}
