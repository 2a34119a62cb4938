package knowledge

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// A word is what a text is made of, in the form in which two texts are compared.
type word struct {
	text string // lower case, without accents: "reseaux"
	stem string // without the endings of both languages: "reseau"
	// quiet marks a function word: it says nothing by itself, and something in a phrase ("on the same node").
	quiet bool
}

// identifierPrefixes begin the names of the provider's resources and say nothing about them.
var identifierPrefixes = []string{"proxmox_virtual_environment_", "virtual_environment_", "proxmox_"}

// words turns a text into words. An identifier yields its parts first and then itself: "ip_config" gives "ip", "config",
// "ip_config", and "OpenFabric" gives "open", "fabric", "openfabric".
func words(text string) []word {
	list := make([]word, 0, len(text)/6+1)
	add := func(w string) {
		if functionWords[w] || len(w) == 1 && (w[0] < '0' || w[0] > '9') {
			list = append(list, word{text: w, stem: w, quiet: true})
			return
		}
		list = append(list, word{text: w, stem: stem(w)})
	}
	for _, raw := range strings.FieldsFunc(withoutAccents(text), func(r rune) bool {
		return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r)
	}) {
		w := strings.Trim(strings.ToLower(raw), "_")
		for _, p := range identifierPrefixes {
			w = strings.TrimPrefix(w, p)
		}
		switch {
		case w == "":
		case strings.Contains(w, "_"):
			for part := range strings.SplitSeq(w, "_") {
				if part != "" {
					add(part)
				}
			}
			list = append(list, word{text: w, stem: w})
		default:
			for _, part := range humps(raw) {
				add(strings.ToLower(part))
			}
			add(w)
		}
	}
	return list
}

// humps are the parts of a camelCase word; none when it has one alone.
func humps(w string) []string {
	var parts []string
	begin := 0
	previous := rune(0)
	for i, r := range w {
		if unicode.IsUpper(r) && unicode.IsLower(previous) {
			parts = append(parts, w[begin:i])
			begin = i
		}
		previous = r
	}
	if begin == 0 {
		return nil
	}
	return append(parts, w[begin:])
}

// plain is a text in lower case and without accents.
func plain(text string) string { return strings.ToLower(withoutAccents(text)) }

func withoutAccents(text string) string {
	if isASCII(text) {
		return text
	}
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFD.String(ligatures.Replace(text)))
}

var ligatures = strings.NewReplacer("œ", "oe", "Œ", "oe", "æ", "ae", "’", "'")

func isASCII(text string) bool {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// endings are taken off, the first that fits, when at least so many letters stay. They are those of both languages, since
// the language of a single word is not known; where that makes two words one, the rest of the question tells them apart.
var endings = []struct {
	ending string
	least  int
}{
	{"issements", 4}, {"issement", 4}, {"ateurs", 4}, {"ateur", 4}, {"ations", 3}, {"ation", 3}, {"atings", 3}, {"ating", 3},
	{"ements", 5}, {"ement", 5}, {"ments", 5}, {"ment", 5}, {"ions", 4}, {"ion", 4},
	{"ables", 4}, {"able", 4}, {"ages", 6}, {"age", 6}, {"ives", 4}, {"ive", 4},
	{"ated", 3}, {"ates", 3}, {"ate", 3}, {"ings", 4}, {"ing", 3}, {"ees", 3}, {"ies", 3}, {"ied", 3}, {"ed", 3}, {"er", 4}, {"ez", 4}, {"ent", 5},
	{"ee", 3}, {"es", 3}, {"ly", 5}, {"y", 3}, {"e", 3}, {"s", 3}, {"x", 4},
}

// stem takes the endings off a word.
func stem(w string) string {
	if len(w) < 4 || w[0] >= '0' && w[0] <= '9' || strings.HasSuffix(w, "ss") || strings.HasSuffix(w, "us") || strings.HasSuffix(w, "is") {
		return w
	}
	for _, e := range endings {
		if s, ok := strings.CutSuffix(w, e.ending); ok && len(s) >= e.least {
			w = s
			break
		}
	}
	// running, mapped: what is doubled before an ending is one without it.
	if n := len(w); n > 4 && w[n-1] == w[n-2] && !strings.ContainsRune("aeiousl", rune(w[n-1])) {
		w = w[:n-1]
	}
	return w
}

// functionWords say nothing about a subject. They are those of questions above all.
var functionWords = set(`a an and are as at be been being by can could did do does doing done for from had has have having how i if in into is it
	its let like made make may me might my need needs no nor not of off on or our out over please should so some such than that the
	their them then there these they this those through to too under up upon us use used using via want wants was way we were what
	when where whether which while who whom whose why will with within without would you your about after again all also am among
	any anyone anything because before between both but each either else even ever every everything few further get gets getting gives give
	given going goes go got happens happen help here him her his however instead itself just keep know less many more most much must
	never next now once one only other others ought own per possible put quite rather really same say says see seem seems since
	something sometimes still tell thing things though thus until very well yes yet able
	actually already always another around away cannot come different easily easy example exactly first good great hello
	however kind last lot mean means must nothing ones please properly proper question right second several simply sort sure
	take takes thank thanks think three tried try trying two understand usual way ways whole work works working would
	terraform proxmox pve opentofu tofu provider fournisseur bpg
	au aux avec auquel auxquels ce ceci cela celle celles celui ces cet cette ceux chaque chez ci comme comment contre
	ca dans davantage de debout dedans dehors deja depuis des desormais deux devant devrais devrait doit doivent donc dois dont
	du elle elles en encore entre est et etaient etais etait etant ete etes etre eu eux fait faire faites fais faut fallait faudrait font hors
	ici il ils j je jamais jusqu jusque la laquelle le lequel les lesquels leur leurs lors lorsqu lorsque lui ma maintenant mais
	malgre me meme memes mes mien moi moins mon n ne neanmoins ni non nos notre nous on ont ou oui par parce parmi pas pendant
	peu peut peuvent peux plus plusieurs plutot pour pourquoi pourrait pouvoir puis puisque qu quand que quel quelle quelles
	quelque quelques quels qui quoi s sa sans se sera serait ses si sien sinon soi soient sois soit son sont sous souvent
	suis sur ta tandis te tel telle telles tels tes toi ton toujours tous tout toute toutes tres trop tu un une va vais
	vers veut veux via voici voila vos votre vous voudrais voulons vouloir voulait y aider aide aidez merci bonjour permet permettre permettent
	possible facon maniere moyen quelqu chose choses cas afin ainsi alors apres aucun aucune aussi autre autres avant avoir avons
	ai as ont ayant avais avait aurait faisant peuvent puis dire dit dis explique expliquer savoir sait sais bien bon bonne
	besoin souhaite souhaiterais souhaitons aimerais aimerait aimerions dois devons doivent utiliser utilise utilisant utilisation use sert servir l d c m t qu
	etape etapes exemple premiere premier seul seule seulement simplement directement correctement automatiquement automatically`)

func set(list string) map[string]bool {
	m := make(map[string]bool)
	for w := range strings.FieldsSeq(list) {
		m[w] = true
	}
	return m
}
