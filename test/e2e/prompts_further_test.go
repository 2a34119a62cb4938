package e2e

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"proviso.dev/pkg/pve"
)

// furtherScenarios are about containers, pools that come with their members, start order, growth of what is there, and names
// that are counted or listed. They go the same way as the others: delivered, applied, planned again, destroyed.
var furtherScenarios = []scenario{
	{name: "container", language: "en", proven: true,
		prompt: "create an LXC container named proxy from debian-12-standard with 1 core, 512 MB of memory and an 8 GB disk on mainvnet",
		machines: []machine{{name: "proxy", container: true, cores: 1, memoryMiB: 512, diskGiB: []int{8}, bridge: "mainvnet",
			onBoot: "1", config: map[string]string{"unprivileged": "1", "ostype": "debian"}}}},
	{name: "conteneur", language: "fr",
		prompt: "crée un conteneur LXC nommé relais depuis le template debian 12 avec 2 cœurs, 1 Go de RAM et 16 Go de disque sur mainvnet",
		machines: []machine{{name: "relais", container: true, cores: 2, memoryMiB: 1024, diskGiB: []int{16}, bridge: "mainvnet",
			config: map[string]string{"unprivileged": "1", "ostype": "debian"}}}},
	{name: "deux conteneurs", language: "fr",
		prompt: "crée deux conteneurs nommés dns depuis le modèle ubuntu 24.04, 1 cœur et 512 Mo, sur mainvnet, sur des nœuds différents",
		machines: []machine{{name: "dns-1", container: true, cores: 1, memoryMiB: 512, config: map[string]string{"ostype": "ubuntu"}},
			{name: "dns-2", container: true, cores: 1, memoryMiB: 512}}, apart: true},
	{name: "pool and members", language: "en", proven: true,
		prompt:   "create a pool named team-a with two VMs named app from template 100 in it",
		machines: []machine{{name: "app-1", pool: "team-a"}, {name: "app-2", pool: "team-a"}}},
	{name: "pool et membre", language: "fr",
		prompt:   "crée un pool nommé equipe et mets-y une VM nommée appli depuis le template 100",
		machines: []machine{{name: "appli", pool: "equipe"}}},
	{name: "mixed, in order", language: "en", proven: true,
		prompt: "create a VM named db from template 100 with start order 1 and a container named cache from debian 12 with start order 2",
		machines: []machine{{name: "db", config: map[string]string{"startup": "order=1"}},
			{name: "cache", container: true, config: map[string]string{"startup": "order=2"}}}},
	{name: "mélange", language: "fr",
		prompt: "une VM nommée api depuis le template 100 avec 2 cœurs et 4 Go, et un conteneur nommé frontal depuis debian 12 avec 1 cœur et 512 Mo",
		machines: []machine{{name: "api", cores: 2, memoryMiB: 4096},
			{name: "frontal", container: true, cores: 1, memoryMiB: 512}}},
	{name: "ordre de démarrage", language: "fr",
		prompt:   "crée une VM nommée socle depuis le template 100 avec l'ordre de démarrage 1",
		machines: []machine{{name: "socle", config: map[string]string{"startup": "order=1"}}}},
	{name: "worker node", language: "en", proven: true,
		prompt:   "add a worker node",
		machines: []machine{{name: "worker-node-4", cores: 6, memoryMiB: 8192, diskGiB: []int{32}, ha: true, pool: "Backup-vms-pool"}}},
	{name: "nœud worker", language: "fr",
		prompt:   "ajoute un nœud worker",
		machines: []machine{{name: "worker-node-4", cores: 6, memoryMiB: 8192, diskGiB: []int{32}, ha: true, pool: "Backup-vms-pool"}}},
	{name: "range of containers", language: "en",
		prompt: "create containers lb-01 to lb-02 from debian 12 with 1 core and 512 MB each",
		machines: []machine{{name: "lb-01", container: true, cores: 1, memoryMiB: 512},
			{name: "lb-02", container: true, cores: 1, memoryMiB: 512}}},
	{name: "table", language: "en",
		prompt:   "create these VMs from template 100:\n| name | cores | memory |\n|---|---|---|\n| shop | 2 | 2 GB |\n| stock | 4 | 4 GB |",
		machines: []machine{{name: "shop", cores: 2, memoryMiB: 2048}, {name: "stock", cores: 4, memoryMiB: 4096}}},
	{name: "tableau", language: "fr",
		prompt:   "crée ces VM depuis le template 100 :\n| nom | cœurs | mémoire |\n|---|---|---|\n| caisse | 2 | 2 Go |\n| stock | 4 | 4 Go |",
		machines: []machine{{name: "caisse", cores: 2, memoryMiB: 2048}, {name: "stock", cores: 4, memoryMiB: 4096}}},
}

// compareContainer compares what a container has.
func compareContainer(t *testing.T, want machine, g pve.Guest, raw map[string]string) {
	t.Helper()
	check := func(what string, want, got any) {
		t.Helper()
		if want != got {
			t.Errorf("%s: %s: want %v, got %v", g.Name, what, want, got)
		}
	}
	check("kind", pve.KindContainer, g.Kind)
	if want.cores != 0 {
		check("cores", strconv.Itoa(want.cores), raw["cores"])
	}
	if want.memoryMiB != 0 {
		check("memory", strconv.Itoa(want.memoryMiB), raw["memory"])
	}
	if len(want.diskGiB) > 0 && !strings.Contains(raw["rootfs"]+",", fmt.Sprintf("size=%dG,", want.diskGiB[0])) {
		t.Errorf("%s: root disk: want %d GiB, got %s", g.Name, want.diskGiB[0], raw["rootfs"])
	}
	if want.bridge != "" && !strings.Contains(raw["net0"]+",", "bridge="+want.bridge+",") {
		t.Errorf("%s: bridge: want %s, got %s", g.Name, want.bridge, raw["net0"])
	}
	if want.pool != "" {
		check("pool", want.pool, g.Pool)
	}
	check("HA", want.ha, g.HA)
	if want.onBoot != "" {
		check("start at boot", want.onBoot, raw["onboot"])
	}
	check("status", pve.GuestRunning, g.Status)
	for key, value := range want.config {
		check(key, value, raw[key])
	}
}
