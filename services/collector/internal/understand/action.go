package understand

import "sync"

// The classes of words about what exists: what is to be done with a guest, and what is asked of a cluster. They stand beside
// the classes of the vocabulary; a word may have a reading in both.
const (
	acNone class = iota + 200
	// Verbs that change a guest.
	acSet
	acGrow
	acShrink
	acAdd
	acTake
	acRename
	acTag
	acProtect
	acUnprotect
	acEnable
	acDisable
	// Operations of a person.
	acStart
	acStop
	acReboot
	acSuspend
	acResume
	acMigrate
	acSnapshot
	acRollback
	acBackup
	acRestore
	acDestroy
	acClone
	acEvacuate
	acForget // a snapshot
	acImport
	lastVerb
	// Words beside verbs.
	acCode // Terraform, HCL
	acMore // without a figure: "more memory"
	acBy
	acLess
	// Words of questions.
	acHelp
	acRoom
	acFree
	acWhere
	acHowMany
	acSurvive
	acRunning
	acStopped
	acState
	acWhich
	acList
	acMost
	acBusiest
	acThere // "is there", "existent"
	acLoss
	acSizeWord
	acISO
	acNotBackedUp
	acQuorum
	acWhether
)

// isVerb reports whether a class is a verb of what exists.
func isVerb(c class) bool { return c > acNone && c < lastVerb }

// operations are the verbs that end in an answer with a command.
func isOperation(c class) bool { return c >= acStart && c <= acForget }

// actions is the lexicon of what exists.
var actions = sync.OnceValue(func() *lexicon {
	return newLexicon([]vocable{
		{acSet, "", 0, "giving|setting|changing|give|set|put|change|modify|update|adjust|allocate|assign|configure|make|bring|resize|resizing|reconfigure|edit|needs|should have|must have|must|should|needs to have|should get|to have|to get|gets|let|scale"},
		{acSet, "", 0, "donne|donner|donnez|mets|mettre|mettez|passe|passer|passez|change|changer|changez|modifie|modifier|modifiez|fixe|fixer|fixez|regle|regler|reglez|alloue|allouer|attribue|attribuer|configure|configurer|redimensionne|redimensionner|redimensionnez|reconfigure|reconfigurer|mets a jour|mettre a jour|a besoin de|a besoin d'|faire passer|faites passer|donner a|doit|doivent|devrait|doit avoir|devrait avoir|fais passer|ait|aient|ajuste|ajuster|accorde"},
		{acGrow, "", 0, "raising|growing|increase|raise|grow|bump|extend|expand|enlarge|upgrade|boost|scale up|bump up|beef up|widen|increasing|augmente|augmenter|augmentez|agrandis|agrandir|agrandissez|etends|etendre|etendez|elargis|elargir|accrois|accroitre|gonfle|gonfler|booste|booster|rallonge|rallonger|monte|monter"},
		{acGrow, "", 2, "double|doubler|doublez|doubles"}, {acGrow, "", 3, "triple|tripler|triplez"}, {acGrow, "", 4, "quadruple|quadrupler"},
		{acShrink, "", 0, "decrease|reduce|shrink|lower|cut|downgrade|scale down|diminue|diminuer|diminuez|reduis|reduire|reduisez|baisse|baisser|baissez|retrecis|retrecir|abaisse|abaisser|descends|rogne"},
		{acShrink, "", 2, "halve|divide|divise par deux|diviser par deux|divise|diviser|divisez"}, {acGrow, "", 2, "multiply|multiplie|multiplier|multipliez"},
		{acAdd, "", 0, "add|adds|adding|attach|append|plug|ajoute|ajouter|ajoutez|rajoute|rajouter|attache|attacher|branche|ajoute lui|rajoute lui"},
		{acTake, "", 0, "remove|delete|drop|take away|take off|take|strip|get rid of|clear|erase|retire|retirer|retirez|enleve|enlever|enlevez|supprime|supprimer|supprimez|efface|effacer|ote|oter|vide|detach|detache"},
		{acRename, "", 0, "rename|renomme|renommer|renommez|rebaptise|rebaptiser|change the name of|change le nom de|changer le nom de|call|appelle la|appelle le|appelez la|appelez le|nomme la|nomme le|nommez la|nommez le"},
		{acTag, "", 0, "tag|label|mark|tague|taguer|tagge|tagger|etiquette|etiqueter|marque|marquer"},
		{acTake, "tag", 0, "untag|detague|detaguer"},
		{acProtect, "", 0, "protect|protects|protege|proteger|protegez|write protect"},
		{acUnprotect, "", 0, "unprotect|deprotege|deproteger|lift the protection|lift protection|leve la protection|lever la protection"},
		{acEnable, "", 0, "enable|activate|turn on|switch on|active|activer|activez"},
		{acDisable, "", 0, "disable|deactivate|turn off|switch off|desactive|desactiver|desactivez"},
		{acStart, "", 0, "start|boot|boot up|power on|launch|fire up|demarre|demarrer|demarrez|allume|allumer|allumez|lance|lancer"},
		{acStop, "", 0, "stop|shut down|shutdown|power off|halt|kill|arrete|arreter|arretez|eteins|eteindre|eteignez|coupe|stoppe|stopper"},
		{acReboot, "", 0, "reboot|restart|reset|power cycle|redemarre|redemarrer|redemarrez|relance|relancer|reboote|rebooter"},
		{acSuspend, "", 0, "suspend|pause|hibernate|freeze|suspends|suspendre|suspendez|mets en pause|mettre en pause|met en pause|gele|hiberne"},
		{acResume, "", 0, "resume|unpause|wake|wake up|reprends|reprendre|reprend|reactive|reveille|relance apres pause"},
		{acMigrate, "", 0, "migrate|move|relocate|live migrate|live-migrate|transfer|migre|migrer|migrez|deplace|deplacer|deplacez|transfere|transferer|bouge|migration of|migration de"},
		{acSnapshot, "", 0, "snapshot|take a snapshot of|take a snapshot|make a snapshot of|make a snapshot|create a snapshot of|create a snapshot|snap|prends un snapshot de|prends un snapshot|prends un instantane de|prends un instantane|prendre un instantane de|prendre un instantane|prendre un snapshot|fais un snapshot de|fais un snapshot|fais un instantane de|fais un instantane|cree un snapshot de|cree un snapshot|cree un instantane de|cree un instantane|instantane|instantane de"},
		{acRollback, "", 0, "roll back|rollback|revert|go back to the snapshot|reviens au snapshot|revenir au snapshot|reviens a l'instantane|revenir a l'instantane|restaure le snapshot|restaure l'instantane|restaurer le snapshot|restaurer l'instantane|restore the snapshot|annule les changements de"},
		{acBackup, "", 0, "back up|backup|make a backup of|make a backup|take a backup of|take a backup|sauvegarde|sauvegarder|sauvegardez|fais une sauvegarde de|fais une sauvegarde|fais un backup de|fais un backup|run a backup of|lance une sauvegarde de|lance une sauvegarde"},
		{acRestore, "", 0, "restore|restaure|restaurer|restaurez"},
		{acDestroy, "", 0, "destroy|terminate|wipe|purge|annihilate|detruis|detruire|detruisez|terminer|purge|purger"},
		{acClone, "", 0, "clone|copy|duplicate|cloner|clonez|copie|copier|duplique|dupliquer"},
		{acEvacuate, "", 0, "evacuate|drain|empty|evacue|evacuer|evacuez|draine|drainer"},
		{acImport, "", 0, "import|importe|importer|importez|export|exporte|exporter|take over|adopt|adopte|adopter|reprends en terraform|codify|reverse engineer"},
		{acCode, "", 0, "terraform|hcl|tofu|opentofu|open tofu|infrastructure as code|iac|terraform code|code terraform|manifest|manifeste|tf|le code de|le code du|le code d'|le code des|the code of|the code for|code of|code for|as code|en code|sous forme de code|our code|into our code|our repo|our repository|our codebase|the codebase|version control|our git|notre code|nos fichiers|notre depot|notre repo|gestion de version|controle de version|under management|sous gestion|du code|dans le code|into code"},
		{acMore, "", 0, "more|plus de|plus d'|davantage|davantage de|bigger|larger|faster|plus gros|plus grosse|plus grand|plus grande|plus rapide|plus puissante|additional|extra|de plus|en plus|supplementaire|supplementaires|another|further|encore"},
		{acLess, "", 0, "less|fewer|smaller|moins de|moins d'|moins|de moins|en moins|plus petit|plus petite"},
		{acBy, "", 0, "by"},

		{acHelp, "", 0, "help|help me|what can you do|what do you do|what can i do|what can i ask|how does this work|how do i use you|how do you work|who are you|what are you|what can you do for me|what are you able to do|usage|aide|aide moi|aidez moi|a l'aide|que peux tu faire|que sais tu faire|que peux-tu faire|que sais-tu faire|que pouvez vous faire|que savez vous faire|qu'est-ce que tu peux faire|qu'est-ce que tu sais faire|qu'est ce que tu peux faire|qu'est ce que tu sais faire|comment ca marche|comment ca fonctionne|comment t'utiliser|qui es tu|qui es-tu|tu sais faire quoi|tu peux faire quoi|a quoi sers tu|a quoi sers-tu|que puis-je demander|que puis-je faire"},
		{acRoom, "", 0, "room|room for|space for|fit|fits|capacity|headroom|host another|accommodate|enough memory for|can take|can host|could host|could take|place|de la place|la place|capacite|heberger|accueillir|peut accueillir|peut heberger|assez de memoire pour|tient|tiennent|rentre|rentrent|would you put|would you place|mettrais tu|mettrais-tu|placerais-tu|y a-t-il la place"},
		{acFree, "", 0, "free|available|left|unused|spare|remaining|libre|libres|disponible|disponibles|reste|reste-t-il|restent|dispo"},
		{acWhere, "", 0, "where|where's|on which node|on what node|which node is|which node runs|which node hosts|what node is|ou est|ou sont|ou tourne|ou tournent|ou se trouve|ou se trouvent|sur quel noeud|sur quels noeuds|quel noeud heberge|quel noeud fait tourner|ou y a-t-il|ou y a t il|located"},
		{acHowMany, "", 0, "how many|how much|number of|count|combien|combien de|combien d'|nombre de|nombre d'"},
		{acSurvive, "", 0, "survive|survives|survit|survivra|survivrait|survivre|tolerate|tolerates|withstand|resist|supporte|supporterait|tient le coup|resiste|resisterait|resilient|n-1|n+1|fault tolerance|tolerance aux pannes|can we lose|peut-on perdre|puis-je perdre|can i lose|still work"},
		{acLoss, "", 0, "fails|fail|failure|dies|die|goes down|crashes|crash|lost|loss|loss of|lose|losing|outage|breaks|is down|tombe|tombe en panne|panne|perte|perte de|perte d'|perd|perdre|perdu|lache|plante|meurt|casse"},
		{acRunning, "", 0, "running|powered on|up|online|turned on|switched on|active|run|runs|tourne|tournent|tournant|en marche|en cours d'execution|allumee|allumees|allume|demarree|demarrees|actives|active en ce moment|en fonctionnement|en fonction"},
		{acStopped, "", 0, "stopped|powered off|shut off|not running|turned off|switched off|halted|a l'arret|arretee|arretees|arrete|arretes|eteinte|eteintes|eteint|eteints|ne tournent pas|ne tourne pas"},
		{acState, "", 0, "status|state|health|healthy|etat|statut|sante|comment va|comment vont|how is|how are"},
		{acWhich, "", 0, "cest quoi|c'est quoi|c koi|c'est combien|cest combien|wats|wat is|whats|which|what|what's|whats|what is|what are|who|quel|quelle|quels|quelles|qu'est-ce que|qu'est-ce qu'|lesquels|lesquelles|whose|when|why|how|quand|pourquoi|comment|qui"},
		{acList, "", 0, "list|show|show me|display|give me a list of|enumerate|tell me|tell me about|print|get me a list of|describe|check|liste|lister|listez|affiche|afficher|affichez|montre|montre moi|montrez|donne moi la liste|donne moi la liste de|donne la liste|dis moi|parle moi de|parle-moi de|parle moi|parle-moi|donne-moi la liste|enumere|enumerer|decris|verifie|name all|give me the list|give me a list|give me the status of|give me the state of|give me the ip of|give me the size of|donne moi l'etat de|donne moi l'etat|donne moi le statut de|donne moi la liste|donne moi la liste des|donne moi l'ip de|donne moi l'adresse de|donne moi l'adresse ip de|donne moi la taille de"},
		{acMost, "", 0, "most|biggest|largest|heaviest|top|least loaded|emptiest|le plus|la plus|les plus|le plus gros|la plus grosse|la plus gourmande|le moins charge|gourmande|gourmandes|consomme le plus|utilise le plus|consomment le plus|uses the most|use the most|consumes the most"},
		{acBusiest, "", 0, "busiest|most loaded|fullest|le plus charge|les plus charges|le plus rempli|le plus occupe|most used|overloaded|surcharge"},
		{acThere, "", 0, "do we already have|have we already got|do you already have|is there already|is there any|a-t-on deja|avons-nous deja|est-ce qu'on a|est-ce qu'on a deja|est-ce qu'il y a|est-ce qu'il existe|is there|are there|do we have|do i have|do you have|exist|exists|existing|there any|have we|y a t il|y a-t-il|existe|existent|existe-t-il|a-t-on|avons-nous|dispose-t-on|il y a|sont disponibles|can i use|puis-je utiliser"},
		{acSizeWord, "", 0, "size|how big|how large|specs|resources of|taille|dimension|specifications|caracteristiques"},
		{acISO, "", 0, "iso|isos|image|images|cloud image|cloud images|image cloud|images cloud|iso images|images iso|container template|container templates|modele de conteneur|modeles de conteneur"},
		{acNotBackedUp, "", 0, "not backed up|without backup|without backups|unprotected by backup|not in a backup|have no backup|has no backup|isn't backed up|aren't backed up|backed up|no backup|pas sauvegardee|pas sauvegardees|pas sauvegardes|non sauvegardees|non sauvegardee|sans sauvegarde|sauvegardee|sauvegardees|ne sont pas sauvegardees|n'est pas sauvegardee|n'ont pas de sauvegarde|ne sont pas dans les sauvegardes"},
		{acQuorum, "", 0, "quorum|quorate|version|proxmox version|version de proxmox|cluster status|cluster state|cluster health|state of the cluster|status of the cluster|health of the cluster|etat du cluster|sante du cluster|statut du cluster|how is the cluster|comment va le cluster|is the cluster|le cluster est-il|le cluster va"},
		{acWhether, "", 0, "is|are|does|do|has|can|could|will|would|est-ce que|est-ce qu'|est-elle|est-il|a-t-elle|sont-elles"},
	})
})
