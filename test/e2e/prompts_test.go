package e2e

// A machine is what one virtual machine must be like after the bundle was applied. Zero values are not checked, except
// that `ha` is: a machine that nobody wanted under HA must not be.
type machine struct {
	name      string
	cores     int
	memoryMiB int
	diskGiB   []int  // every disk in order of slot
	storage   string // of the first disk
	bridge    string
	vlan      int
	ipv4      string // as in ipconfig0: "ip=…"
	node      string
	notNodes  []string
	pool      string
	ha        bool
	tags      string // as Proxmox VE keeps them: sorted, ";" between
	user      string
	onBoot    string // "1" or "0"
	stopped   bool
	config    map[string]string // further keys of the configuration, exact
	container bool              // an LXC container; what a container does not have is not checked
}

// A scenario is one prompt and what must stand on the cluster when its bundle was applied. The cluster is the laboratory in
// state S2: pmox01 to pmox03 online, pmox04 off, template 100 with 2 cores, 2048 MiB and 32 GiB on pmoxpool01.
type scenario struct {
	name     string
	prompt   string
	language string
	machines []machine
	apart    bool // no two machines on one node
	together bool // all machines on one node
	proven   bool // let the builder prove it on its own twin as well
}

var scenarios = []scenario{
	{name: "thesis", language: "fr", proven: true,
		prompt:   "créer un serveur web basé sur le template vm id 100",
		machines: []machine{{name: "webserver", node: "pmox03", diskGiB: []int{32}, storage: "pmoxpool01"}}},
	{name: "thesis in English", language: "en",
		prompt:   "create a web server based on the vm template id 100",
		machines: []machine{{name: "webserver", node: "pmox03", diskGiB: []int{32}, storage: "pmoxpool01"}}},

	{name: "sizes", language: "en", proven: true,
		prompt:   "create a VM named app01 from template 100 with 4 cores, 8 GB of RAM and a 50 GB disk",
		machines: []machine{{name: "app01", cores: 4, memoryMiB: 8192, diskGiB: []int{50}}}},
	{name: "tailles", language: "fr",
		prompt:   "crée une VM nommée app01 à partir du template 100 avec 4 cœurs, 8 Go de RAM et un disque de 50 Go",
		machines: []machine{{name: "app01", cores: 4, memoryMiB: 8192, diskGiB: []int{50}}}},
	{name: "abbreviations", language: "en",
		prompt:   "vm called api01 from k3s-template, 4c/8g, 40G",
		machines: []machine{{name: "api01", cores: 4, memoryMiB: 8192, diskGiB: []int{40}}}},
	{name: "abréviations", language: "fr",
		prompt:   "une vm appelée api01 depuis k3s-template, 2 vCPU, 4 Go, disque 40 Go",
		machines: []machine{{name: "api01", cores: 2, memoryMiB: 4096, diskGiB: []int{40}}}},
	{name: "megabytes", language: "en",
		prompt:   "clone template 100 into a VM called tiny with 1 core and 512 MB of memory",
		machines: []machine{{name: "tiny", cores: 1, memoryMiB: 512}}},
	{name: "mégaoctets", language: "fr",
		prompt:   "clone le modèle 100 en une VM appelée mini avec 1 coeur et 1024 Mo de mémoire",
		machines: []machine{{name: "mini", cores: 1, memoryMiB: 1024}}},
	{name: "number words", language: "en",
		prompt:   "I need a virtual machine named batch with two cores and four GB of memory cloned from template 100",
		machines: []machine{{name: "batch", cores: 2, memoryMiB: 4096}}},
	{name: "without accents", language: "fr",
		prompt:   "cree une machine virtuelle nommee compta basee sur le template 100 avec deux coeurs et quatre Go de memoire",
		machines: []machine{{name: "compta", cores: 2, memoryMiB: 4096}}},

	{name: "several", language: "en",
		prompt: "create 3 VMs named node from template 100 with 2 cores and 2 GB",
		machines: []machine{{name: "node-1", cores: 2, memoryMiB: 2048}, {name: "node-2", cores: 2, memoryMiB: 2048},
			{name: "node-3", cores: 2, memoryMiB: 2048}}},
	{name: "plusieurs", language: "fr", proven: true,
		prompt: "crée trois VM nommées noeud à partir du template 100 avec 2 cœurs et 2 Go",
		machines: []machine{{name: "noeud-1", cores: 2, memoryMiB: 2048}, {name: "noeud-2", cores: 2, memoryMiB: 2048},
			{name: "noeud-3", cores: 2, memoryMiB: 2048}}},
	{name: "range", language: "en",
		prompt:   "create web-01 to web-03 from template 100, 1 core and 1 GB each",
		machines: []machine{{name: "web-01", cores: 1, memoryMiB: 1024}, {name: "web-02"}, {name: "web-03"}}},
	{name: "intervalle", language: "fr",
		prompt:   "crée web-01 à web-03 depuis le template 100, 1 cœur et 1 Go chacune",
		machines: []machine{{name: "web-01", cores: 1, memoryMiB: 1024}, {name: "web-02"}, {name: "web-03"}}},
	{name: "two groups", language: "en",
		prompt: "two web servers with 2 cores and 2 GB and one database with 4 cores and 8 GB, all from template 100",
		machines: []machine{{name: "webserver-1", cores: 2, memoryMiB: 2048}, {name: "webserver-2", cores: 2, memoryMiB: 2048},
			{name: "database", cores: 4, memoryMiB: 8192}}},
	{name: "deux groupes", language: "fr",
		prompt: "deux serveurs web avec 2 cœurs et 2 Go et une base de données avec 4 cœurs et 8 Go, tous depuis le template 100",
		machines: []machine{{name: "webserver-1", cores: 2, memoryMiB: 2048}, {name: "webserver-2", cores: 2, memoryMiB: 2048},
			{name: "database", cores: 4, memoryMiB: 8192}}},
	{name: "redundant", language: "fr",
		prompt:   "déployer un nouveau serveur web avec trois instances redondantes depuis le template 100",
		machines: []machine{{name: "webserver-1"}, {name: "webserver-2"}, {name: "webserver-3"}}, apart: true},

	{name: "vnet", language: "en", proven: true,
		prompt:   "create a VM named intranet from template 100 on network mainvnet",
		machines: []machine{{name: "intranet", bridge: "mainvnet"}}},
	{name: "réseau", language: "fr",
		prompt:   "crée une VM nommée intranet depuis le template 100 sur le réseau mainvnet",
		machines: []machine{{name: "intranet", bridge: "mainvnet"}}},
	{name: "vlan", language: "en",
		prompt:   "create a VM named dmz from template 100 on bridge vmbr0 with VLAN 20",
		machines: []machine{{name: "dmz", bridge: "vmbr0", vlan: 20}}},
	{name: "vlan fr", language: "fr",
		prompt:   "crée une VM nommée dmz depuis le template 100 sur le pont vmbr0 avec le VLAN 30",
		machines: []machine{{name: "dmz", bridge: "vmbr0", vlan: 30}}},
	{name: "static address", language: "en",
		prompt: "create a VM named dns01 from template 100 on mainvnet with IP 192.168.1.10/16 and gateway 192.168.0.1",
		machines: []machine{{name: "dns01", bridge: "mainvnet",
			ipv4: "ip=192.168.1.10/16,gw=192.168.0.1"}}},
	{name: "adresse fixe", language: "fr",
		prompt: "crée une VM nommée dns01 depuis le template 100 sur mainvnet avec l'IP 192.168.1.11/16 et la passerelle 192.168.0.1",
		machines: []machine{{name: "dns01", bridge: "mainvnet",
			ipv4: "ip=192.168.1.11/16,gw=192.168.0.1"}}},
	{name: "dhcp", language: "en",
		prompt:   "VM named lease from template 100 on mainvnet using DHCP",
		machines: []machine{{name: "lease", bridge: "mainvnet", ipv4: "ip=dhcp"}}},
	{name: "dns", language: "en",
		prompt: "create a VM named res01 from template 100 with DNS 8.8.8.8 and search domain lab.local",
		machines: []machine{{name: "res01",
			config: map[string]string{"nameserver": "8.8.8.8", "searchdomain": "lab.local"}}}},

	{name: "node", language: "en",
		prompt:   "create a VM named pinned from template 100 on pmox02",
		machines: []machine{{name: "pinned", node: "pmox02"}}},
	{name: "nœud", language: "fr",
		prompt:   "crée une VM nommée fixe depuis le template 100 sur le nœud pmox01",
		machines: []machine{{name: "fixe", node: "pmox01"}}},
	{name: "not on", language: "en",
		prompt:   "create a VM named elsewhere from template 100, not on pmox03",
		machines: []machine{{name: "elsewhere", notNodes: []string{"pmox03", "pmox04"}}}},
	{name: "pas sur", language: "fr",
		prompt:   "crée une VM nommée ailleurs depuis le template 100, pas sur pmox03",
		machines: []machine{{name: "ailleurs", notNodes: []string{"pmox03", "pmox04"}}}},
	{name: "apart", language: "en",
		prompt:   "create 3 VMs named ha from template 100 with 1 core and 1 GB on different nodes",
		machines: []machine{{name: "ha-1"}, {name: "ha-2"}, {name: "ha-3"}}, apart: true},
	{name: "séparées", language: "fr",
		prompt:   "crée 2 VM nommées paire depuis le template 100 sur des nœuds différents",
		machines: []machine{{name: "paire-1"}, {name: "paire-2"}}, apart: true},
	{name: "together", language: "en",
		prompt:   "create 2 VMs named duo from template 100 with 1 core and 1 GB together on the same node",
		machines: []machine{{name: "duo-1"}, {name: "duo-2"}}, together: true},
	{name: "least loaded", language: "en",
		prompt:   "create a VM named calm from template 100 on the least loaded node",
		machines: []machine{{name: "calm", node: "pmox03"}}},

	{name: "pool", language: "en",
		prompt:   "create a VM named saved from template 100 in pool Backup-vms-pool",
		machines: []machine{{name: "saved", pool: "Backup-vms-pool"}}},
	{name: "pool fr", language: "fr",
		prompt:   "crée une VM nommée sauvee depuis le template 100 dans le pool Backup-vms-pool",
		machines: []machine{{name: "sauvee", pool: "Backup-vms-pool"}}},
	{name: "ha", language: "en", proven: true,
		prompt:   "create a highly available VM named critical from template 100 in HA group mainHA",
		machines: []machine{{name: "critical", ha: true}}},
	{name: "haute disponibilité", language: "fr",
		prompt:   "crée une VM nommée vitale depuis le template 100 en haute disponibilité dans le groupe HA mainHA",
		machines: []machine{{name: "vitale", ha: true}}},

	{name: "tags", language: "en",
		prompt:   "create a VM named tagged from template 100 with tags prod, web",
		machines: []machine{{name: "tagged", tags: "prod;web"}}},
	{name: "étiquettes", language: "fr",
		prompt:   "crée une VM nommée balise depuis le template 100 avec les étiquettes prod et web",
		machines: []machine{{name: "balise", tags: "prod;web"}}},
	{name: "user", language: "en",
		prompt:   "create a VM named login from template 100 with user admin-ubt",
		machines: []machine{{name: "login", user: "admin-ubt"}}},
	{name: "key", language: "en",
		prompt: "create a VM named keyed from template 100 with user ops and SSH key " +
			"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl ops@lab",
		machines: []machine{{name: "keyed", user: "ops"}}},
	{name: "boot", language: "fr",
		prompt:   "crée une VM nommée auto depuis le template 100 qui démarre au démarrage du nœud",
		machines: []machine{{name: "auto", onBoot: "1"}}},
	{name: "stopped", language: "en",
		prompt:   "create a VM named cold from template 100 but do not start it",
		machines: []machine{{name: "cold", stopped: true}}},
	{name: "description", language: "en",
		prompt:   `create a VM named noted from template 100 with description "Bill's \"cheap\" ${box} 100%"`,
		machines: []machine{{name: "noted"}}},
	{name: "second disk", language: "en",
		prompt:   "create a VM named store from template 100 with a second disk of 100 GB",
		machines: []machine{{name: "store", diskGiB: []int{32, 100}}}},
	{name: "image", language: "en", proven: true,
		prompt: "create a VM named fresh from image cephfs:import/noble-server-cloudimg-amd64.qcow2 with 2 cores, 2 GB, " +
			"a 20 GB disk on pmoxpool01 and network mainvnet",
		machines: []machine{{name: "fresh", cores: 2, memoryMiB: 2048, diskGiB: []int{20}, storage: "pmoxpool01", bridge: "mainvnet"}}},
	{name: "everything", language: "fr",
		prompt: "crée 2 VM nommées prod depuis le template 100 avec 2 cœurs, 4 Go, disque de 40 Go, sur mainvnet, " +
			"dans le pool Backup-vms-pool, en haute disponibilité, tags prod et k3s, sur des nœuds différents",
		machines: []machine{
			{name: "prod-1", cores: 2, memoryMiB: 4096, diskGiB: []int{40}, bridge: "mainvnet", pool: "Backup-vms-pool", ha: true, tags: "k3s;prod"},
			{name: "prod-2", cores: 2, memoryMiB: 4096, diskGiB: []int{40}, bridge: "mainvnet", pool: "Backup-vms-pool", ha: true, tags: "k3s;prod"}},
		apart: true},
}
