package i18n

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Detect returns the language that a text is in, English when nothing speaks for French or both speak equally.
//
// It scores words. A word that only one of the languages has (articles, prepositions, the verbs and nouns of our domain)
// counts 2, one that merely points there 1; accents, elisions and endings point too. It works on short texts and on French
// typed without accents: "cree 3 vm basees sur 100". Names, numbers and technical words ("vm", "k3s", "vmbr0") say nothing.
func Detect(text string) Lang {
	var s score
	number := false
	for word := range strings.FieldsFuncSeq(strings.ToLower(norm.NFC.String(text)), between) {
		if frenchUnit(word, number) {
			s.french += 2
		}
		s.word(word)
		number = strings.Trim(word, "0123456789.") == ""
	}
	if s.french > s.english {
		return French
	}
	return English
}

type score struct{ english, french int }

// between splits at everything but letters, digits and what occurs inside words. Identifiers stay in one piece, so that
// "web-on-sur-le.example" does not speak four times.
func between(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("'’-_./:@", r)
}

func (s *score) word(word string) {
	word = strings.Trim(strings.ReplaceAll(word, "’", "'"), "'-_./:@")
	if word == "" || strings.ContainsAny(word, "0123456789_/:@") || strings.Contains(word, ".") {
		return
	}
	// "crée-moi", "peux-tu", "as-tu", "t'il": the tail of an inverted French verb.
	if head, tail, ok := cutLast(word, "-"); ok {
		if inverted[tail] {
			s.french += 2
			s.word(head)
			return
		}
		s.word(head)
		s.word(tail)
		return
	}
	// "l'espace", "d'une", "qu'il"; "don't", "what's", "i'd".
	if head, tail, ok := strings.Cut(word, "'"); ok {
		switch {
		case elided[head]:
			s.french += 2
			s.word(tail)
		case contracted[tail]:
			s.english += 2
			s.word(head)
		}
		return
	}
	plain := unaccent(word)
	switch {
	case french[plain]:
		s.french += 2
		return
	case english[word]:
		s.english += 2
		return
	case borrowed[word]:
		s.english++
		return
	}
	if plain != word {
		s.french += 2
		return
	}
	if utf8.RuneCountInString(word) < 5 {
		return
	}
	for _, e := range frenchEndings {
		if strings.HasSuffix(word, e) {
			s.french++
			return
		}
	}
	for _, e := range englishEndings {
		if strings.HasSuffix(word, e) {
			s.english++
			return
		}
	}
}

// frenchUnit recognises "8 Go", "512mo": octets where English has bytes. "To" is left out: "5 to 10 nodes".
func frenchUnit(word string, afterNumber bool) bool {
	unit := strings.TrimLeft(word, "0123456789.")
	return (unit == "go" || unit == "mo" || unit == "ko") && (afterNumber || unit != word)
}

func cutLast(word, sep string) (head, tail string, ok bool) {
	i := strings.LastIndex(word, sep)
	if i <= 0 {
		return word, "", false
	}
	return word[:i], word[i+len(sep):], true
}

// unaccent folds the letters of French that English does not have.
func unaccent(word string) string { return accents.Replace(word) }

var accents = strings.NewReplacer(
	"à", "a", "â", "a", "ä", "a", "ç", "c", "é", "e", "è", "e", "ê", "e", "ë", "e", "î", "i", "ï", "i",
	"ô", "o", "ö", "o", "ù", "u", "û", "u", "ü", "u", "ÿ", "y", "œ", "oe", "æ", "ae",
)

var (
	inverted   = set("moi nous toi tu vous il elle ils elles on je ce le la les lui leur y en ci")
	elided     = set("l d j m t s n c qu jusqu lorsqu puisqu aujourd")
	contracted = set("s t re ve ll d m")

	frenchEndings  = []string{"aient", "ement", "euse", "euses", "eur", "eurs", "aux", "eaux", "elle", "elles", "ique", "iques", "ees", "ons", "ez", "oir", "ifs", "ives"}
	englishEndings = []string{"ing", "ings", "ness", "ful", "ly", "ship", "ght", "wn", "ck", "th"}
)

// french holds words without accents. Words that both languages have ("place", "port", "cluster", "machine", "on", "change")
// are in neither list.
var french = set(`
le la les un une des du de au aux et ou ce cet cette ces mon ma mes ton ta tes son sa ses notre nos votre vos leur leurs
je tu il elle nous vous ils elles qui que quoi dont ou quel quelle quels quelles lequel laquelle
dans sur sous avec sans pour par vers chez entre depuis pendant avant apres contre selon malgre parmi jusque
ne pas plus moins tres trop peu beaucoup aussi encore deja toujours jamais rien aucun aucune chaque plusieurs quelques
est sont suis sommes etes etait etaient sera seront serait soit soient etre avoir ai avons avez ont avait aura auront aurait
fait faire fais faites font peux peut peuvent pouvez pouvons pourrait pourrais veux veut voulons voulez voudrais voudrait
faut faudrait doit dois doivent devrait besoin merci bonjour bonsoir salut svp stp oui non
quand comment pourquoi combien parce puisque donc mais car alors ainsi si comme
cree crees creer creez creons ajoute ajoutes ajouter ajoutez ajoutons ajout supprime supprimer supprimez
modifie modifier modifiez changer changez augmente augmenter augmentez diminue diminuer reduis reduire
demarre demarrer demarrez arrete arreter arretez lance lancer lancez deploie deploies deployer deployez deploiement
installe installer installez configurer configurez mets mettre mettez donne donner donnez prends prendre
utilise utiliser utilisez cloner clonez migre migrer migrez deplace deplacer redemarre redemarrer
veuillez montre montrer affiche afficher liste lister explique expliquer remplace remplacer garde garder verifie verifier
basee bases basees nomme nommee nommes nommees appele appelee appelees appeles
virtuelle virtuelles virtuel virtuels serveur serveurs noeud noeuds reseau reseaux disque disques
memoire vive coeur coeurs processeur processeurs stockage stockages sauvegarde sauvegardes grappe modele modeles gabarit
adresse adresses passerelle pont ponts donnees donnee bases mot passe cle cles utilisateur utilisateurs
octets jour jours semaine semaines heure heures
nouveau nouvelle nouveaux nouvelles meme memes autre autres premier premiere dernier derniere seul seule
deux trois quatre cinq sept huit neuf dix onze douze vingt
chacun chacune tout toute tous toutes cela ceci ca celui celle ceux
francais anglais moteur equilibreur repartiteur haute disponibilite petit petite petits petites grand grande
bonne bon daccord exacte valide valider confirme confirmer annule annuler
`)

var english = set(`
the a an of to in at by with without from for into onto over under between through during before after against
and or but not no nor so if then than that this these those there here where when why how what which who whom whose
i you he she it we they him her us them my your his its our their mine yours
is are am was were be been being has have had having do does did done will would shall should can could may might must
create creates created make makes made add adds added remove removes delete deletes changes update updates
set put get give take use using need needs want wants please deploys deployed run runs running starts
stops show list explain move migrate increase decrease grow shrink install
based named called each every all some any more less most least same other another new old first last only also
one two three four five seven eight nine ten twenty
thanks thank hello hi yes okay wrong instead should let lets let's
`)

// borrowed words are English, and common in French requests too.
var borrowed = set(`
server servers node nodes network networks disk disks memory core cores storage storages bridge gateway address addresses
database databases user users key keys password worker workers virtual host hosts high availability
deploy restart scale provision build start stop
`)

func set(words string) map[string]bool {
	out := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		out[w] = true
	}
	return out
}
