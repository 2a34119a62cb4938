package understand

import (
	"strings"
	"sync"
)

// Words of questions about what was, what will be, and what could be better. One class of words never decides alone: "full" asks for a
// date only beside "when", "double" for a trial only beside "load".
const (
	whenAsked = "when|how long|how soon|what date|which date|what day|by when|soon|how many days|how many weeks|how many hours|days until|days left|at what point|until when|" +
		"quand|combien de temps|quelle date|quel jour|d ici quand|dans combien|bientot|combien de jours|combien de semaines|combien d heures|jusqu a quand|sous peu"
	filling = "out of ram|out of storage|full|fill|fills|filled|filling|fill up|run out|runs out|ran out|running out|run short|out of space|out of disk|out of memory|exhaust|exhausted|exhaustion|saturate|saturated|saturates|saturation|run dry|" +
		"plein|pleine|pleins|pleines|remplir|rempli|remplie|remplis|remplira|rempliront|remplit|sature|saturee|satures|saturees|saturer|saturera|deborde|debordera|a court|epuise|epuisee|epuises|plus de place|plus d espace|plus de memoire|plus de ram|" +
		"manquer|manquera|manquerons|manquerait|manquerions|manque de place"
	future = "getting|becoming|on the way|en train de|next month|mois prochain|mois a venir|increasing|rising|falling|busier|augmente|augmentent|grandit|grossit|en hausse|en baisse|will|ll|won t|going to|gonna|expect|expected|forecast|forecasts|predict|predicted|prediction|predictions|projection|projected|projections|outlook|trend|trends|evolve|evolving|develop|developing|tomorrow|tonight|" +
		"next week|next weekend|next hours|next hour|next days|next day|next few days|next few hours|coming hours|coming days|coming week|coming night|this evening|this weekend|grow|growing|grows|heading|anticipate|" +
		"prevision|previsions|prevoir|prevois|prevoyez|prevu|prevue|prevus|prevues|evoluer|evoluera|evolueront|evolue|evolution|tendance|tendances|projections|demain|cette nuit|ce soir|semaine prochaine|ce week end|prochaines heures|" +
		"prochains jours|prochaine journee|prochaine semaine|prochaine nuit|nuit prochaine|heures a venir|jours a venir|semaine a venir|va t il|va t elle|va|vont|sera|seront|aura|auront|utilisera|consommera|consommeront|utiliseront|faudra|s attendre|attend|anticiper|tiendra|tiendront|suffira|suffiront|montera|grimpera|augmentera"
	foretold   = "forecast|forecasts|predict|prediction|predictions|projection|projections|outlook|trend|trends|prevision|previsions|prevois|prevoir|prevoyez|tendance|tendances|evolution"
	coping     = "overload|overloaded|surcharge|surcharges|surchargee|cope|copes|hold|hold up|holds up|keep up|manage|handle|make it|be ok|be okay|be fine|be enough|suffice|enough|tenir|tiendra|tiendront|tient|tenir le coup|suffira|suffire|suffiront|suffisant|suffisante|suffisants|assez|supporter|supportera|encaisser|encaissera|passera|s en sortira|s en sortir"
	metricCPU  = "cpu|cpus|processor|processors|processing|compute|processeur|processeurs|load|charge|calcul"
	metricMem  = "memory|ram|memoire|mem"
	metricDisk = "disk|disks|space|storage|disque|disques|espace|stockage"
	metricNet  = "network|traffic|bandwidth|throughput|reseau|trafic|bande passante|debit"
	metricIO   = "iowait|io wait|i o wait|i o|io|attente d e s|e s"
	usageNoun  = "busier|loaded|usage|use|uses|using|need|needs|demand|consumption|utilisation|utilization|utilise|besoin|besoins|consommation|consomme|demande"

	loads    = "users|customers|requests|visitors|utilisateurs|clients|requetes|visiteurs|load|loads|demand|traffic|usage|consumption|workload|workloads|everything|activity|number of vms|number of guests|charge|charges|trafic|demande|utilisation|consommation|activite|nombre de vm|nombre de machines|tout"
	doubling = "double|doubles|doubled|doubling|twice|two times|2x|x2|2 times|times two|doubler|doublait|doublaient|doublerait|doublera|deux fois|deux fois plus|multiplie par deux|multiplie par 2|fois deux|fois 2"
	tripling = "triple|triples|tripled|tripling|three times|3x|x3|3 times|thrice|tripler|triplait|triplerait|trois fois|multiplie par trois|multiplie par 3"
	growing  = "more|grow|grows|grew|growth|rise|rises|rose|increase|increases|increased|goes up|went up|climbs|higher|plus|augmente|augmentait|augmenterait|augmentation|hausse|croit|croissait|grimpe|grimpait|montait|monte|en plus|de plus"
	supposed = "simulate|simulation|simule|simuler|simulez|try|essaie|essayer|if|suppose|supposing|imagine|assume|assuming|what about|with|can|could|would|will|si|supposons|imagine|imaginons|peut|peut on|pourrait|pourrions|pourra|supporterait|supporter|tiendrait|tenir|avec|en cas"
	squander = "downsize|downsized|shrunk|can be reduced|could be reduced|reduced in size|pourrait on reduire|peut on reduire|pourrait reduire|reduire leur taille|save memory|save ram|save resources|free some memory|free up memory|economiser de la ram|economiser de la memoire|economiser des ressources|economiser du cpu|liberer de la memoire|liberer de la ram|unneeded|waste|wastes|wasted|wasting|wasteful|idle|idles|idling|oversized|over sized|overprovisioned|over provisioned|oversize|underused|under used|underutilised|underutilized|under utilised|under utilized|too big|too large|bored|reclaim|reclaimed|zombie|zombies|sprawl|right size|rightsize|right sizing|rightsizing|do nothing|doing nothing|does nothing|bigger than they|larger than they|bigger than it|larger than it|more than they need|more than it needs|more than they use|more than needed|than necessary|too much memory|too many cores|too many vcpus|too much ram|barely used|hardly used|barely use|hardly use|nobody uses|no one uses|" +
		"gaspille|gaspillee|gaspilles|gaspillees|gaspillage|gachis|gache|oisif|oisive|oisifs|oisives|surdimensionne|surdimensionnee|surdimensionnes|surdimensionnees|sous utilise|sous utilisee|sous utilises|sous utilisees|trop grosse|trop grosses|trop grande|trop grandes|trop gros|au repos|ne servent a rien|ne sert a rien|dorment|dort|recuperer|recuperable|recuperables|inactives|inactive|inactifs|inactif|ne font rien|ne fait rien|plus grosses que|plus gros que|plus grandes que|trop de memoire|trop de ram|trop de coeurs|trop de cpu|trop de vcpu|plus que necessaire|tournent a vide|tourne a vide|peu utilisees|peu utilises|fantomes"
	unusedGuests = "unused|inutilise|inutilisee|inutilises|inutilisees|inutiles|useless"
	evenness     = "equilibrer|equilibrez|compared to the others|compared to the other|than the others|than the other nodes|par rapport aux autres|que les autres noeuds|balanced|balance|imbalance|unbalanced|imbalanced|rebalance|rebalancing|rebalanced|evenly|fairly|spread out|uneven|unevenly|even out|spread evenly|well spread|equilibre|equilibree|equilibres|equilibrees|desequilibre|desequilibree|reequilibrer|reequilibre|reequilibrez|reequilibrage|equitablement|reparti|repartie|repartis|reparties|bien reparti|bien repartie|bien reparties|mal repartie|mal reparties|repartition|uniformement"
	evenMoves    = "migrate anything|migrate something|move anything|move something|migrer quelque chose|deplacer quelque chose|bouger quelque chose|which moves|what moves|moves would help|moves help|which migrations|what migrations|which vm should i move|which vms should i move|which vm should we move|which vms should we move|which guests should i move|which guests should we move|what should i move|what should we move|which machine should i move|" +
		"quels deplacements|quelles migrations|que deplacer|quoi deplacer|quelle vm deplacer|quelles vm deplacer|quelles machines deplacer|que faut il deplacer|quelles vm migrer|que migrer|quelles vm faut il deplacer|quelle vm faut il deplacer"
	peaking = "what happened|que s est il passe|qu est ce qui s est passe|what went on|what was going on|peak|peaks|peaked|spike|spikes|spiked|burst|bursts|surge|surged|pic|pics|pointe|pointes|flambee|s est emballe|s est emballee|emballement"
	labour  = "ate|eating|used the most|using the most|consumed|consuming|hogged|hogging|took|consommait|consommaient|utilisait|utilisaient|prenait|prenaient|mangeait|bouffait|a consomme|a mange|a utilise|a pris|busy|busiest|slow|sluggish|overloaded|high load|loaded|hot|maxed out|100|charge|chargee|charges|chargees|surchargees|lent|lente|lents|rame|ramait|ramaient|surcharge|surchargee|a fond|occupe|occupee|occupes|occupees|sature|saturait|tournait a fond"
	causing = "caused|cause|causes|causing|why|what was|what made|which vm|which vms|which guest|which guests|which machine|who|responsible|reason|explains|explain|due to|behind|what happened|culprit|blame|" +
		"pourquoi|a cause|qui a|qui etait|quelle vm|quelles vm|quelle machine|quelles machines|responsable|responsables|origine|du a|due a|d ou vient|d ou venait|explique|expliquer|qu est ce qui|que s est il passe|coupable|la faute|provoque|cause de"
	pastTimes  = "yesterday evening|yesterday morning|used|ate|took|consumed|hogged|consommait|utilisait|prenait|mangeait|bouffait|a consomme|a mange|yesterday|last night|this morning|last evening|ago|was|were|did|happened|hier|la nuit derniere|nuit derniere|ce matin|hier soir|etait|etaient|a eu|y a eu|a t il|s est|a cause|a provoque"
	emptying   = "into maintenance|en maintenance|for maintenance|drain|drained|draining|evacuate|evacuated|evacuating|empty|emptied|emptying|maintenance|take down|vider|vide|vidait|vidais|evacuer|evacuation|evacue|evacuait|evacuais|draine|drainer"
	whither    = "be put|be taken|may i|est ce que je peux|where would|where will|where do|where could|where should|would go|could go|should go|would end up|go where|take over|taken over|take them|absorb|possible|can i|can we|could i|could we|is there room|do the others|ou iraient|ou irait|ou vont|ou iront|ou seraient|ou partiraient|ou mettre|iraient ou|vont ou|peut on|puis je|pourrait on|pouvons nous|reprendraient|absorber|absorbent|accueilleraient|est ce possible"
	backupJobs = "backup jobs|backup schedules|backup plan|taches de sauvegarde|tache de sauvegarde|plan de sauvegarde|plans de sauvegarde|jobs de sauvegarde"
	cephWords  = "ceph|osd|osds"
	cephState  = "healthy|health|ok|okay|fine|well|degraded|up|down|osd|osds|state|status|sain|sante|bien|etat|degrade|problem|problems|probleme|problemes"
	relocation = "move|moved|moving|migrate|migrated|relocate|relocated|how do i|how do we|how would|how can|what does it take|deplacer|deplace|migrer|bouger|comment|que faut il faire"
	resting    = "could rest|can rest|may rest|could sleep|can be switched off|could be switched off|could be turned off|can be turned off|could be powered off|can be powered off|could be shut down|can be shut down|may be switched off|can i switch off|can we switch off|could we switch off|could i switch off|can i turn off|can we turn off|could we turn off|can we do without|could we do without|are superfluous|not needed|" +
		"se reposer|au repos|dormir|mettre en veille|peut on eteindre|pourrait on eteindre|puis je eteindre|pourrais je eteindre|pouvons nous eteindre|peuvent etre eteints|pourraient etre eteints|peut etre eteint|pourrait etre eteint|peut on arreter|pourrait on arreter|on peut eteindre|on pourrait eteindre|peut on se passer|pourrait on se passer|superflus|superflu|en trop"
	fewer = "fewer nodes|fewest nodes|fewer hosts|fewer servers|less nodes|consolidate|consolidated|consolidation|consolidating|save energy|save power|saving energy|energy|electricity|switch off a node|switch a node off|power down a node|power off a node|turn off a node|turn a node off|shut down a node|do without a node|nodes could rest|node could rest|nodes can rest|node can rest|could rest|nodes do we need|nodes do we really need|nodes are needed|spare a node|" +
		"moins de noeuds|moins de serveurs|consolider|consolide|regrouper|economiser|economies d energie|energie|electricite|eteindre un noeud|eteindre des noeuds|arreter un noeud|se passer d un noeud|mettre un noeud au repos|mettre au repos|noeud au repos|noeuds faut il|noeuds nous faut il|noeuds suffiraient|noeuds sont necessaires|noeud superflu|noeud en trop|tasser"
	makeSpace = "has to move|have to be moved|has to be moved|needs to move|needs to be moved|need to be moved|to be moved|out of the way|need to move|have to move|must move|must be moved|would have to move|should move|make room|make space|making room|free up|faire de la place|liberer de la place|faut il deplacer|faudrait il deplacer|devrait on deplacer|dois je deplacer|deplacer pour|a deplacer|bouger pour|faut il bouger|faut il migrer"
	tight     = "hot spot|hot spots|hotspot|hotspots|bottleneck|bottlenecks|tight|critical|at risk|weak point|weak points|weak spot|weak spots|single point of failure|overcommit|overcommitted|overcommitment|oversubscribed|oversubscription|worry about|worried about|worries|alarming|needs attention|need attention|pay attention|" +
		"point chaud|points chauds|goulot|goulots|goulet|goulets|goulot d etranglement|point faible|points faibles|a risque|critique|critiques|tendu|tendus|tendue|surallocation|suralloue|surallouee|surengage|surengagement|surcommission|inquieter|inquietant|inquietants|surveiller|preoccupant|preoccupants|attention particuliere|point de defaillance unique"
	headroomWords = "how much headroom|our headroom|headroom left|headroom do we|marge reste|quelle marge|marge de manoeuvre|combien de marge|reserve de capacite"
	clusterChoice = "which cluster|what cluster|which of the clusters|which of the two clusters|which of our clusters|which of both clusters|which one of the clusters|compare clusters|compare the clusters|compare our clusters|compare the two clusters|compare both clusters|comparison of the clusters|best cluster|better cluster|other cluster|" +
		"quel cluster|lequel des clusters|lequel des deux clusters|lequel de nos clusters|compare les clusters|comparer les clusters|compare nos clusters|comparez les clusters|compare les deux clusters|comparaison des clusters|meilleur cluster|autre cluster|les deux clusters"
	cheapness  = "cheap|cheaper|cheapest|cost|costs|moins cher|moins chere|cout|coute|couterait|economique"
	failingHA  = "failover|fail over|failovers|ha failover|basculement|basculer|bascule|basculerait|basculeraient|bascule ha|reprise ha"
	simulating = "simulate|simulation|simule|simuler|simulez|play through|joue le scenario"
	fates      = "que deviennent|que devient|que deviendraient|qu adviendrait|what becomes of|what would become of|what will become of"
	nodeChoice = "which node would you|which node should|what node should|which node is best|which node is the best|best node|where should i put|where should we put|where would you put|where do i put|where to put|where should i place|which host should|which node for|which host for|what node for|" +
		"quel noeud choisir|quel noeud pour|quel noeud me conseilles|quel noeud conseilles|meilleur noeud|quel noeud prendre|ou mettre|ou placer|ou mettrais|ou placerais|sur quel noeud mettre|sur quel noeud placer|ou devrais je|ou faut il mettre|quel hote pour"
	unsaved   = "n est pas sauvegarde|n est jamais sauvegarde|nothing backs up|is never backed up|are never backed up|isn t saved|not saved"
	uncovered = "missing|forgotten|forget|forgot|left out|leave out|not covered|uncovered|not included|skipped|skip|manque|manquent|oublie|oubliee|oublies|oubliees|non couvert|non couvertes|pas couvert|pas couverts|pas couvertes|exclu|exclue|exclus|exclues|omis|omise|omises|laisse de cote|laissees de cote"
	fitting   = "what fits|what still fits|what would fit|what else fits|what could still fit|how much more fits|what can we still|what can i still|what else can i run|what else can we run|biggest vm|largest vm|biggest guest|largest guest|biggest machine|largest machine|qu est ce qui rentre|qu est ce qui tient|que peut on encore|que puis je encore|qu est ce qu on peut encore|plus grosse vm|plus grande vm|plus grosse machine|plus grande machine|que reste t il comme place|ce qui rentre|ce qui tient"
)

// speaks are the words of a question that names of the cluster cannot fake.
type speaks struct {
	flat  string
	words map[string]bool
}

// speaking splits words as [flatten] writes them.
func speaking(flat string) speaks {
	f := speaks{flat: flat, words: map[string]bool{}}
	for w := range strings.FieldsSeq(flat) {
		f.words[w] = true
	}
	return f
}

// of reports whether one of the phrases, separated by bars, is said.
func (f speaks) of(list string) bool {
	for _, phrase := range phrasesOf(list) {
		if f.words[phrase.first] && (phrase.rest == "" || strings.Contains(f.flat, phrase.rest)) {
			return true
		}
	}
	return false
}

// phrase is a word, or several: then rest are all of them between blanks.
type phrase struct{ first, rest string }

// known are the lists that were split before; a list is a constant of this package.
var known sync.Map

func phrasesOf(list string) []phrase {
	if split, ok := known.Load(list); ok {
		return split.([]phrase)
	}
	var split []phrase
	for text := range strings.SplitSeq(list, "|") {
		first, more, several := strings.Cut(text, " ")
		p := phrase{first: first}
		if several && more != "" {
			p.rest = " " + text + " "
		}
		split = append(split, p)
	}
	known.Store(list, split)
	return split
}
