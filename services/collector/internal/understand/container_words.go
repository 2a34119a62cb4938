package understand

// guestRows is the vocabulary of containers, of pools to create and of Kubernetes clusters.
func guestRows() []vocable {
	return []vocable{
		{clMachine, "lxc", 0, "lxc|lxcs|ct|cts|pct|lxc container|lxc containers|lxc ct|ct lxc|container lxc|containers lxc|conteneur lxc|conteneurs lxc|conteneur de type lxc|proxmox container|proxmox containers|conteneur proxmox|conteneurs proxmox|linux container|linux containers|conteneur linux|conteneurs linux|system container|system containers|conteneur systeme|conteneurs systeme|lxc guest|lxc instance|instance lxc|container proxmox"},
		{clMachine, "container", 0, "container|containers|conteneur|conteneurs|containeur|containeurs"},
		{clMachine, "docker", 0, "docker container|docker containers|container docker|conteneur docker|conteneurs docker|podman container|podman containers|conteneur podman|oci container|docker compose|docker-compose|docker compose stack|docker compose file|compose file|docker stack|docker run|stack docker|docker service"},
		{clMachine, "", 0, "container host|docker host|docker hosts|hote docker|hotes docker|hote de conteneurs|vm docker|docker vm|docker server|serveur docker|machine docker"},
		{clTemplate, "", 0, "lxc template|lxc templates|container template|container templates|ct template|template lxc|templates lxc|template ct|template de conteneur|template conteneur|modele lxc|modele de conteneur|modele conteneur|modele ct|vztmpl|ostemplate|os template|template os"},
		{clAll, "", 0, "par conteneur|per container|par ct|per ct|par lxc|per lxc|par noeud|per node"},
		{clDisk, "", 0, "rootfs|root fs|root filesystem|root file system|systeme de fichiers racine|root volume|volume racine|disque root"},
		{clKey, "", 0, "ssh key for root|ssh key of root|ssh keys for root|root ssh key|root's ssh key|root key|key for root|public key for root|cle ssh de root|cle ssh pour root|cles ssh de root|cles ssh pour root|cle de root|cle pour root|cle publique de root|cle publique pour root"},
		{clFiller, "", 0, "mets|place|placez|amd64|x86_64"},
		{clRole, "database", 0, "base postgres|base postgresql|base mysql|base mariadb|base mongodb|base mongo|base sqlite|bases postgres|bases mysql|bases mariadb"},
		{clWith, "", 0, "containing|contenant|qui contient|qui contiendra"},
		{clSwap, "", 0, "swap|swap space|swap memory|swap size|memoire swap|memoire d'echange|espace d'echange|espace swap|fichier d'echange|of swap|de swap|taille du swap|swap file"},
		{clPrivilege, "unprivileged", 0, "unprivileged|non-privileged|non privileged|not privileged|rootless|without privileges|unprivileged mode|non privilegie|non privilegies|non privilegiee|non privilegiees|non-privilegie|non-privilegies|pas privilegie|pas privilegies|sans privilege|sans privileges|sans privileges root|mode non privilegie"},
		{clPrivilege, "privileged", 0, "privileged|privilegie|privilegies|privilegiee|privilegiees|privileged mode|mode privilegie|with privileges|avec privileges|not unprivileged"},
		{clNesting, "", 0, "nesting|nested containers|nested container|conteneurs imbriques|imbrication|l'imbrication|nesting feature|feature nesting|option nesting|nesting option|nesting enabled|nesting active|nesting activee|imbrication activee|with nesting|avec nesting|enable nesting|activer nesting|active nesting|nested virtualization|nested virtualisation|virtualisation imbriquee"},
		{clInPool, "", 0, "in it|into it|inside it|in this pool|into this pool|in that pool|dedans|a l'interieur|dans ce pool|mets-y|mets y|mettez-y|mettez y|place-y|places-y|placez-y|et y mets|y mettre|y placer|y mets|mets les dedans|put them in it|put it in it|in there"},
		{clRole, "dns-server", 0, "un dns"},
		{clPool, "", 0, "a resource pool|a new resource pool|une nouvelle pool"},
	}
}
