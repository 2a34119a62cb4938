package understand

import (
	"fmt"
	"strings"
	"testing"

	"proviso.dev/services/collector/internal/inquiry"
)

// asked is a question in short: its topic, and what it says beside that.
func asked(q *inquiry.Query) string {
	if q == nil {
		return "none"
	}
	names := map[inquiry.Topic]string{
		inquiry.TopicForecast: "forecast", inquiry.TopicFull: "full", inquiry.TopicScale: "scale", inquiry.TopicWaste: "waste", inquiry.TopicBalance: "balance",
		inquiry.TopicPeak: "peak", inquiry.TopicDrain: "drain", inquiry.TopicPack: "pack", inquiry.TopicMakeRoom: "make room", inquiry.TopicHotSpots: "hot spots",
		inquiry.TopicClusters: "clusters", inquiry.TopicResilience: "resilience", inquiry.TopicRoom: "room", inquiry.TopicBackup: "backup", inquiry.TopicNoSuchThing: "nothing called", inquiry.TopicCluster: "cluster",
	}
	name, ok := names[q.Topic]
	if !ok {
		return fmt.Sprintf("topic %d", q.Topic)
	}
	if q.Missing != "" {
		name += " " + q.Missing
	}
	parts := []string{name}
	add := func(s string) {
		if s != "" {
			parts = append(parts, s)
		}
	}
	add(q.Node)
	add(q.Storage)
	for _, id := range q.Guests {
		add(fmt.Sprint(id))
	}
	if q.Topic == inquiry.TopicForecast || q.Topic == inquiry.TopicPeak {
		add(q.Metric)
	}
	if q.Topic == inquiry.TopicForecast {
		add([]string{"", "tonight", "tomorrow", "week", fmt.Sprintf("%dh", q.Hours)}[q.When])
		if q.Copes {
			add("copes")
		}
	}
	if q.Factor != 0 {
		add(fmt.Sprint(q.Factor))
	}
	if q.At.Known {
		add(fmt.Sprintf("%02d:%02d", q.At.Hour, q.At.Minute))
		if q.At.DaysAgo > 0 {
			add(fmt.Sprintf("-%d", q.At.DaysAgo))
		}
		if q.At.Night {
			add("night")
		}
	}
	if q.MemoryMiB > 0 {
		add(fmt.Sprintf("%dM", q.MemoryMiB))
	}
	if q.Cheapest {
		add("cheapest")
	}
	return strings.Join(parts, " ")
}

// What people ask about what was, what will be and what could be better, as they write it.
//
// Shows: T-2.6-01, T-2.4.3-03, T-II.2-01
func TestForesight(t *testing.T) {
	tests := map[string][]string{
		"full pmoxpool01": {"is pmoxpool01 getting full?", "when will pmoxpool01 be full?", "when is pmoxpool01 full", "how long until pmoxpool01 runs out of space?", "how many days until pmoxpool01 is full?", "at what point do we run out of disk on pmoxpool01?",
			"pmoxpool01 - when will it fill up?", "will pmoxpool01 be full soon?", "quand pmoxpool01 sera-t-il plein ?", "quand le stockage pmoxpool01 sera-t-il plein ?", "dans combien de temps pmoxpool01 sera plein ?",
			"pmoxpool01 sera plein quand ?", "à quelle date le stockage pmoxpool01 sera-t-il saturé ?", "combien de jours avant que pmoxpool01 soit rempli ?", "d'ici quand pmoxpool01 déborde ?",
		},
		"full": {"do we have enough disk for the next month?", "how long will our storage last?", "when are we out of RAM?", "what is full when?", "which storage will be full first?", "which storage fills first?", "when do we run out of disk space?", "when will the storage be full?", "quel stockage sera plein en premier ?", "quand manquera-t-on d'espace disque ?",
			"qu'est-ce qui sera plein et quand ?", "quand est-ce qu'on n'aura plus de place sur les disques ?", "are we going to run out of storage?",
		},
		"full pmox02":            {"when does pmox02 run out of memory?", "quand pmox02 manquera-t-il de mémoire ?"},
		"forecast pmox01 cpu":    {"how will the CPU of pmox01 evolve?", "forecast the cpu of pmox01", "cpu forecast for pmox01", "what will the load on pmox01 look like?", "comment va évoluer le CPU de pmox01 ?", "prévision CPU pour pmox01", "quelle est la tendance de la charge de pmox01 ?", "prévois le CPU de pmox01"},
		"forecast pmox01 memory": {"est-ce que la mémoire de pmox01 augmente ?", "how is the memory of pmox01 going to develop?", "what's the memory trend on pmox01?", "comment la mémoire de pmox01 va-t-elle évoluer ?", "tendance de la RAM sur pmox01 ?"},
		"forecast pmox01 cpu tomorrow": {
			"how much CPU will pmox01 need tomorrow?", "what CPU usage do you expect on pmox01 tomorrow?", "de combien de CPU pmox01 aura-t-il besoin demain ?", "quelle sera la charge CPU de pmox01 demain ?",
		},
		"forecast pmox02 tonight copes":         {"will pmox02 cope tonight?", "will pmox02 hold up overnight?", "est-ce que pmox02 tiendra cette nuit ?", "pmox02 va-t-il tenir le coup cette nuit ?"},
		"forecast 118 memory week":              {"how will AI-server's memory go on next week?", "comment va évoluer la mémoire d'AI-server la semaine prochaine ?"},
		"forecast 118 cpu 6h":                   {"how much cpu will AI-server use in the next 6 hours?", "combien de CPU AI-server utilisera-t-il dans les 6 heures à venir ?"},
		"forecast pmox03 memory tomorrow copes": {"will the memory of pmox03 be enough tomorrow?", "la mémoire de pmox03 suffira-t-elle demain ?"},
		"scale 2":                               {"if we got twice as many users, would it hold?", "what if load doubles?", "what happens if the load doubles?", "could we handle twice the traffic?", "suppose the load doubled, would the cluster hold?", "que se passe-t-il si la charge double ?", "et si la charge doublait ?", "on tient si le trafic est multiplié par deux ?", "le cluster supporterait-il deux fois plus de charge ?"},
		"scale 1.5":                             {"what if usage grows by 50 %?", "et si la charge augmentait de 50 % ?", "can the cluster take 50% more load?"},
		"scale 3":                               {"what if the workload triples?", "que se passerait-il si la demande triplait ?"},
		"waste":                                 {"quelles VM pourrait-on réduire ?", "où peut-on économiser de la RAM ?", "which VMs can be downsized?", "can we free some memory?", "what is wasted?", "which VMs are idle?", "which guests are oversized?", "where are we wasting resources?", "any zombie VMs we could get rid of?", "what can we reclaim?", "qu'est-ce qui est gaspillé ?", "quelles VM ne servent à rien ?", "y a-t-il des machines surdimensionnées ?", "où gaspille-t-on de la mémoire ?", "quelles machines sont sous-utilisées ?", "quelles VM tournent à vide ?"},
		"balance":                               {"is any node overloaded compared to the others?", "propose des migrations pour équilibrer", "should I migrate anything?", "faut-il migrer quelque chose ?", "how balanced is the cluster?", "is the load evenly spread over the nodes?", "which moves would help?", "can you rebalance the cluster?", "what should I move to even out the load?", "le cluster est-il bien équilibré ?", "la charge est-elle bien répartie entre les nœuds ?", "quels déplacements aideraient ?", "faut-il rééquilibrer le cluster ?", "quelles VM faut-il déplacer pour rééquilibrer ?"},
		"peak cpu 03:00":                        {"which VM used the most CPU at 3am?", "what caused the CPU peak at 3 a.m.?", "what caused the cpu spike at 3am", "which VM caused the CPU peak at 03:00?", "qu'est-ce qui a causé le pic CPU à 3 h ?", "quelle VM est responsable du pic de CPU à 3h du matin ?", "pourquoi y a-t-il eu un pic de CPU vers 3h00 ?"},
		"peak pmox01 00:00 night":               {"why was pmox01 so slow last night?", "pourquoi pmox01 ramait-il la nuit dernière ?"},
		"peak pmox02 memory 14:30 -1":           {"who was behind the memory peak on pmox02 yesterday at 14:30?", "quelle machine a provoqué le pic de mémoire sur pmox02 hier à 14h30 ?"},
		"forecast week":                         {"will the nodes be busier next week?"},
		"forecast tomorrow copes":               {"peut-on s'attendre à une surcharge demain ?"},
		"peak pmox01 02:00":                     {"what happened on pmox01 last night around 2?"},
		"peak cpu 00:00 -1":                     {"who ate all the CPU yesterday evening?"},
		"peak cpu 22:00 -1":                     {"qui consommait le plus de CPU hier à 22h ?"},
		"scale 1.3":                             {"simulate a 30% load increase"},
		"waste 118":                             {"is AI-server oversized?"},
		"peak pmox02 04:30":                     {"why was pmox02 so busy at 4:30 this morning?", "what made pmox02 slow at 4.30 am"},
		"peak pmox02 16:30":                     {"why was pmox02 so busy at 4:30 pm?"},
		"peak 15:00 -1":                         {"which guests were busy yesterday at 3 pm?", "quelles VM étaient chargées hier à 15h ?"},
		"drain pmox02": {"can pmox02 be put into maintenance?", "where would the guests of pmox02 go if I drained it?", "can pmox02 be emptied, where would its VMs go?", "où iraient les VM de pmox02 si je le vidais ?", "peut-on évacuer pmox02 ?",
			"que faut-il déplacer pour vider pmox02 ?", "what must be moved to empty pmox02?", "what would I have to move to drain pmox02?", "qu'est-ce qu'il faut migrer pour vider pmox02 ?", "comment vider pmox02 ?"},
		"pack": {"could we do without a node?", "which nodes could rest to save energy?", "how many nodes do we really need?", "peut-on éteindre un nœud pour économiser de l'énergie ?", "combien de nœuds faut-il vraiment ?", "peut-on consolider le cluster ?",
			"quels nœuds pourraient se reposer ?", "which nodes could rest?", "quels nœuds peut-on éteindre ?", "which nodes could be switched off?", "which nodes can we turn off?", "de quels nœuds pourrait-on se passer ?"},
		"make room 16384M":             {"what would I have to move to make room for a VM with 16 GB?", "que faut-il déplacer pour faire de la place à une VM de 16 Go ?", "which guests must move so that a 16 GB VM fits?"},
		"hot spots":                    {"where are the bottlenecks?", "are there any hot spots?", "what should I worry about?", "how much headroom do we have?", "are we overcommitted?", "quels sont les points chauds ?", "qu'est-ce qui est critique en ce moment ?", "quelle marge nous reste-t-il ?", "y a-t-il des goulots d'étranglement ?"},
		"clusters":                     {"which cluster is better?", "compare the two clusters", "quel cluster est le meilleur ?", "compare les clusters", "which of the clusters has more room?"},
		"clusters cheapest":            {"which cluster is cheaper?", "quel cluster est le moins cher ?"},
		"clusters 8192M":               {"which cluster is best for a VM with 8 GB?", "quel cluster pour une VM de 8 Go ?"},
		"resilience pmox02":            {"simule la perte de pmox02", "que deviennent les VM de pmox02 si je l'éteins ?", "et si on perdait pmox02 ?", "what would an HA failover of pmox02 do?", "what if pmox02 fails?", "what happens when pmox02 dies?", "que ferait un basculement HA de pmox02 ?", "et si pmox02 tombait en panne ?", "que se passe-t-il si on perd pmox02 ?"},
		"room 16384M":                  {"which node for a VM with 16 GB?", "where should I put a database with 16 GB of memory?", "quel nœud pour une VM de 16 Go ?", "où placer une base de données de 16 Go ?"},
		"room":                         {"what still fits?", "what fits?", "how big is the biggest VM that I could add?", "qu'est-ce qui rentre encore ?", "quelle est la plus grosse VM possible ?"},
		"forecast 122 memory tomorrow": {"how much memory will 122 need tomorrow?", "combien de mémoire faudra-t-il à 122 demain ?"},
		"nothing called 104":           {"how much memory will guest 104 need?"},
		"cluster":                      {"is ceph healthy?", "ceph va-t-il bien ?", "which nodes hold OSDs?"},
		"nothing called ceph01":        {"when is ceph01 full?", "quand ceph01 sera-t-il plein ?", "will ceph01 be full next month?"},
		"backup":                       {"what is not backed up?", "which backup jobs are there?", "quelles tâches de sauvegarde existent ?", "which guests have no backup?", "qu'est-ce qui n'est pas sauvegardé ?", "quelles VM ne sont pas sauvegardées ?"},
		"none":                         {"give AI-server 16 GB", "could you give AI-server 16 GB for tomorrow?", "create a web server from template 100 and balance the load", "stop the idle VM AI-server", "reduce AI-server to 4 GB, it is oversized", "ajoute 4 Go à AI-server avant demain", "double the memory of AI-server", "double la mémoire d'AI-server", "peux-tu réduire AI-server à 4 Go ?", "what happened?", "crée une VM qui tiendra la charge"},
	}
	r, snap := New(proxmox()), lab()
	n := 0
	for want, texts := range tests {
		for _, text := range texts {
			n++
			x := r.index(snap)
			p := parse(text, x)
			var got string
			if task, ok := existing(text, p, decide(p, r.platforms.Supported).topic(text, p, x), x); ok {
				got = asked(task.query)
			} else {
				got = "none"
			}
			if got != want {
				t.Errorf("%s: got %q, want %q", text, got, want)
			}
		}
	}
	t.Logf("%d questions", n)
}
