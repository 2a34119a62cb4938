package knowledge

import "strings"

// intent is what a question wants beside its subject.
type intent struct {
	reads      bool    // something that exists: a data source
	lists      bool    // all of them: the data source of the plural
	guides     bool    // how to go about something: a guide
	writes     bool    // something to be made or changed
	project    bool    // work on the provider itself
	looks      bool    // to look and to change nothing, as it says itself
	begins     bool    // with what asks about a state
	answerable float64 // log-odds that the documents answer, by its words alone
	reading    float64 // how likely it wants to know what exists, all words considered
}

// signs are the traits that an intent gives a question; no word is written like one.
func (in intent) signs() []string {
	var all []string
	for _, s := range []struct {
		name string
		is   bool
	}{
		{"@reads", in.reads},
		{"@only-reads", in.reads && !in.writes},
		{"@writes", in.writes},
		{"@lists", in.lists},
		{"@guides", in.guides},
		{"@looks", in.looks},
		{"@begins", in.begins},
	} {
		if s.is {
			all = append(all, s.name)
		}
	}
	return all
}

var (
	// A data source reads what exists; these are the ways to ask for that in both languages.
	readPhrases = phrases(`list, lists, listing, enumerate, inventory, find out, look up, lookup, fetch, retrieve, read, query, discover, search for,
		does this, does the, do we already, show names, show the, show all, so far, set up already, are set up, i need the, before i, looking for, i know only, only know its, know its name, existing, already exists, already there, without managing, not managed, get information, information about, details of, details about, data source, datasource, reference an, show me,
		have been defined, are defined, is running, are running, can i see, have we defined, called, find every, find the, find a, find all the, currently, right now, at the moment, who belongs, name of every, names of, is it true, which nodes, which storages, which users, what nodes, display, get the id, find the id, find all, get all, inspect, check the status, current state, current value, know which, see which, see what,
		reste t il, ou sont stockees, obtenue, obtenues, actuellement, en ce moment, est-ce que, reperer, qui fait partie, noms de, noms des, relever, avant d'y, avant de creer, deja en place, qui existent, je cherche, cherche, connais que, dont je connais, lister, liste, listes, enumerer, inventaire, recuperer, recupere, recuperation, obtenir, retrouver, trouver, lire, lecture, consulter, connaitre, interroger, rechercher,
		existant, existante, existants, existantes, deja existant, deja existante, deja cree, deja creee, deja present, existe deja, sans la gerer, sans le gerer, informations sur, source de donnees, afficher, voir quels, voir quelles,
		quels sont, quelles sont, savoir quels, savoir quelles, savoir si, verifier l'etat, decouvrir`)
	// So do questions that begin thus, unless something is to be made.
	readBeginnings = phrases(`which, what are, what is the, is the, is there, are there, are the, do we have, how much, how many, how full, where is, where are, who is, who has,
		quel, quels, quelle, quelles, combien, ou est, ou sont, ou se trouve, ou se trouvent, est-ce que le, y a-t-il, existe-t-il, qui est, qui sont, voir, savoir`)
	// Whoever says so wants nothing to be changed, whatever else is said.
	onlyReads = phrases(`only want to look, just want to look, just to look, not change, not to change, without changing, read only, just read, just reading, want to know, only to know, loop over them, so i can loop, not manage it,
		juste lire, juste lister, juste les lister, juste la lire, juste le lire, juste voir, juste savoir, seulement lire, seulement consulter, sans rien modifier, sans modifier, sans y toucher, sans toucher, je veux savoir, je voudrais savoir, a titre d'information`)
	// These words ask about a state wherever they stand in a sentence that ends as a question.
	interrogatives = phrases(`which, what, who, is it, is the, are the, does, has, have, how many, how much, when does, still,
		quel, quels, quelle, quelles, qui, quand, combien, est il, est-il, est elle, sont ils, sont-ils, sont elles, que contient, a-t-il, a-t-on, tourne ou pas, y a-t-il, appartient, toujours, dedans`)
	listPhrases = phrases(`list, lists, listing, enumerate, inventory, all, every, which, find all, get all, what are, lister, liste, enumerer, inventaire, tous, toutes,
		quels, quelles, chaque, ensemble des`)
	writePhrases = phrases(`create, creating, add, adding, configure, configuring, define, declare, enable, disable, set, set up, setting, manage, managing, change, changing, modify, update, delete,
		remove, attach, assign, grant, deploy, provision, build, resize, schedule, install, mount, restrict, allow, block, forbid, open, give,
		creer, cree, ajouter, ajoute, configurer, configure, definir, declarer, activer, desactiver, gerer, changer, modifier, supprimer, attacher, affecter, attribuer, accorder, deployer, provisionner,
		redimensionner, agrandir, planifier, programmer, installer, monter, restreindre, autoriser, bloquer, interdire, ouvrir, donner, mettre`)
	guidePhrases = phrases(`how do i, how to, how can i, how should, step by step, walkthrough, tutorial, guide, explain, best practice, what happens, difference between, which should i,
		comment, pas a pas, tutoriel, etapes, bonnes pratiques, que se passe, difference entre, expliquer, faut-il`)
	projectPhrases = phrases(`acceptance test, acceptance tests, developing the provider, develop the provider, provider development, contribute, contributor, contributing, debug the provider, mitmproxy, linter, lint, golangci, go build, from source, dev environment, development environment,
		test d'acceptation, tests d'acceptation, developper le provider, developper le fournisseur, developpement du provider, developpement du fournisseur, contribuer, contributeur, depuis les sources, environnement de developpement`)
)

// phrases reads a list separated by commas, each with a space around it, as [intentOf] compares them.
func phrases(list string) []string {
	var all []string
	for p := range strings.SplitSeq(list, ",") {
		if p = spaced(p); p != "  " {
			all = append(all, p)
		}
	}
	return all
}

// spaced is a text as words with single spaces between and around them.
func spaced(text string) string {
	return " " + strings.Join(strings.FieldsFunc(plain(text), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9')
	}), " ") + " "
}

func intentOf(question string) intent {
	text := spaced(question)
	has := func(list []string) bool {
		for _, p := range list {
			if strings.Contains(text, p) {
				return true
			}
		}
		return false
	}
	in := intent{
		lists: has(listPhrases), guides: has(guidePhrases), writes: has(writePhrases), project: has(projectPhrases),
		looks: has(onlyReads), begins: begin(text, readBeginnings),
	}
	if in.looks {
		in.reads, in.writes = true, false
		return in
	}
	in.reads = has(readPhrases) || !in.writes && (in.begins || !in.guides && strings.HasSuffix(strings.TrimSpace(question), "?") && has(interrogatives))
	return in
}

func begin(text string, list []string) bool {
	for _, p := range list {
		if strings.HasPrefix(text, p) {
			return true
		}
	}
	return false
}

// leaningOf is the intent of a question with how it leans.
func (ix *Index) leaningOf(question string) intent {
	in := intentOf(question)
	all := traits(question, words(question), in)
	in.reading, in.answerable = logistic(ix.leanings.existing.odds(all)), ix.leanings.answered.odds(all)
	return in
}

// Factors of the score by what the question wants. Those between two values go from one to the other with the probability that
// something is to be read.
const (
	dataUnasked      = 0.65 // a data source, when nothing is to be read
	dataAsked        = 1.1  // when something is
	resourceUnasked  = 0.25 // what a resource loses then
	single           = 0.85 // the page of one, when all are asked for
	projectUnasked   = 0.88 // a page for those who work on the provider
	experimentalPage = 0.7  // a page that says that it must not be used in production
	noteFactor       = 0.6  // a note beside the provider's pages, which it explains and does not replace
)

// prior is the factor of a document's score.
func (in intent) prior(d Document) float64 {
	switch d.Kind {
	case KindData:
		f := between(dataUnasked, dataAsked, in.reading)
		if in.reads && in.lists && !strings.HasSuffix(d.name, "s") {
			f *= single
		}
		return f
	case KindResource:
		f := 1 - resourceUnasked*in.reading
		if d.name == "vm" && !strings.Contains(d.Source, longPrefix) {
			f *= experimentalPage
		}
		return f
	case KindGuide:
		if strings.HasPrefix(nameOf(d.Source), "dev-") && !in.project {
			return projectUnasked
		}
	case KindNote:
		return noteFactor
	}
	return 1
}

// between goes from one value to another with a share of the way.
func between(from, to, share float64) float64 { return from + (to-from)*share }
