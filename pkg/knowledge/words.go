package knowledge

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// fold turns text into words that English and French share: lower case, without accents, without function words and
// plural endings, and with the field's vocabulary in one language.
func fold(text string) []string {
	var words []string
	for _, w := range strings.FieldsFunc(plain(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		if len(w) < 2 || functionWords[w] {
			continue
		}
		if v, ok := vocabulary[w]; ok {
			words = append(words, v)
			continue
		}
		w = singular(w)
		if v, ok := vocabulary[w]; ok {
			w = v
		}
		words = append(words, w)
	}
	return words
}

func plain(text string) string {
	text = strings.NewReplacer("œ", "oe", "Œ", "oe").Replace(text)
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFD.String(text))
}

func singular(w string) string {
	for _, ending := range []string{"ies", "es", "s", "x"} {
		if stem, ok := strings.CutSuffix(w, ending); ok && len(stem) >= 3 {
			if ending == "ies" {
				return stem + "y"
			}
			if ending == "es" && !strings.HasSuffix(stem, "ss") && !strings.HasSuffix(stem, "x") {
				return stem + "e"
			}
			return stem
		}
	}
	return w
}

var functionWords = set(`a an and are as at be by can could do does for from has have how i if in into is it its me my no not of on
	or our should so than that the their then there these they this to want was we what when where which while who why will
	with would you your about after all also any before but each get help need more must only other out same such
	au aux avec ce ces cette dans de des dois doit du elle en est et etre faire fait faut il ils je la le les leur mais me mes mon
	ne nous on ou par pas peut plus pour pourquoi qu que quel quelle qui sa sans se ses si son sont sur un une vous y comment
	ca cela donc lors`)

// vocabulary maps the words of the field, folded, to one of them.
var vocabulary = pairs(`
	modele=template modeles=template gabarit=template noeud=node noeuds=node hyperviseur=node hypervisor=node hote=node host=node
	stockage=storage stockages=storage datastore=storage disque=disk disques=disk reseau=network reseaux=network pont=bridge
	ponts=bridge memoire=memory ram=memory coeur=core coeurs=core processeur=cpu vcpu=cpu sauvegarde=backup sauvegardes=backup
	backed=backup sauvegarder=backup sauvegardee=backup haute=high disponibilite=availability ha=availability
	secours=failover basculement=failover failover=failover demarrage=boot demarrer=start demarre=start starts=start
	started=start cle=key cles=key adresse=address adresses=address ip=address passerelle=gateway sous=sub etiquette=tag
	etiquettes=tag utilisateur=user mot=password passe=password password=password image=image images=image telecharger=download
	telechargement=download downloaded=download clone=clone cloner=clone cloned=clone cloning=clone lie=linked liee=linked
	linked=linked agent=agent invite=guest guests=guest conteneur=container conteneurs=container vm=vm vms=vm machine=vm
	machines=vm virtuelle=vm virtual=vm serveur=server serveurs=server console=console serie=serial perte=loss perdre=loss
	lost=loss lose=loss panne=failure tombe=failure fails=failure failed=failure placer=placement place=placement
	placed=placement choisi=choose choisir=choose chosen=choose detruire=destroy detruit=destroy destroyed=destroy
	supprime=destroy supprimer=destroy delete=destroy remove=destroy migre=migrate migrer=migrate deplace=migrate deplacer=migrate
	moved=migrate move=migrate taille=size reduire=shrink agrandir=grow identifiant=id identifiants=id ids=id numero=id
	jeton=token jetons=token droit=privilege droits=privilege rights=privilege privileges=privilege rights=privilege
	nom=name noms=name partage=shared partagee=shared espace=space libre=free`)

func set(words string) map[string]bool {
	m := make(map[string]bool)
	for w := range strings.FieldsSeq(words) {
		m[w] = true
	}
	return m
}

func pairs(words string) map[string]string {
	m := make(map[string]string)
	for p := range strings.FieldsSeq(words) {
		from, to, _ := strings.Cut(p, "=")
		m[from] = to
	}
	return m
}
