package understand

import "strings"

// exact are the classes whose words change what a machine does or what becomes of it. They are taken as they are written: nobody
// wants a machine switched off or deleted because of a slip of the pen.
var exact = map[class]bool{clStarted: true, clStopped: true, clProtected: true, clLifecycle: true, clRemove: true, clNot: true, clNo: true, clYes: true,
	clPrivilege: true, clFullClone: true, clLinkedClone: true, clDisable: true, clDevice: true, clOrdinal: true, clPlatform: true, clTell: true, clAsk: true, clBefore: true, clAfter: true}

// ordinary reports whether a word is one of everyday English or French, or of computing, that is near a word of the vocabulary and
// means something else: it is never taken for a typo.
func ordinary(word string) bool { return ordinaryWords[word] }

var ordinaryWords = func() map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(`
		recommend recommends recommended recommander recommandez recommande
		about actions active address admin after again album alert alone alpha among anger angle apart apple april argue arise arise arrow aside assembly audit award badge baked
		barely based bases basic beach began begin being below bench billing birth black blade blame blank blast blind block blood board bonus boost booth bound brain brake brand bread break brick
		brief bring broad broken brown brush builder burst buyer cabin cache calls camel candle canal carry cases catch cause chain chair chairs charge charged charter chase cheap cheat check chest chief
		child china chose circle civil claim clash class clean clear clerk click client climb clock close closed cloth clouds coach coast color colour comet comic common complete computer concert
		conference confidence connect constant consult contact contain content contest context continent contract control convert cookie corner correctly cost costs couch count counter country courage course court cover crack craft crash crazy cream
		credit crime crisis cross crowd crown cruel curve cycle daily dance dated dates dealt death debate debut decide degree delay delays dense depart depends desert desire detail detect device devil devote
		diet dining dinner direct director dirty discount discover disease dish display distance district ditch diver divide docks doctor doing dollar domestic donor doubt dozen draft drama
		drawn dream dress dried drift drill drink drive drove drown eager early earth easier easily eight either elder elect elite email empty enemy enjoy enter entry equal error essay event every
		exact exam except exist expert extra faint fairly faith false fancy fault favor federal fence fever field fifth fifty fight final finds first fixed flags flame flash fleet flesh flight float flood
		floor flour flown fluid focus force forest forge format former forth forty forum found frame fraud fresh front frost fruit fully funny future gamer garden gather genre ghost giant given glass globe glory
		goals gold going grace grade grain grand grant grape graph grass grave great green greet grief gross group grown guard guess guest guide guilt habit happy harsh heart heavy hello hence
		herself hidden higher highly hobby holds honest honor horse hotel hosts house human humor hurry ideal image imply inner input issue items joint judge juice keeps known label labor large laser later laugh layer
		learn lease least leave legal lemon level lever light limit linen lines lists liver lives living local lodge logic loose lorry loser lower loyal lucky lunch lying machinery magic major maker
		manager manual march marine market marks marry master match matter maybe mayor means meant meats medal media medium melon member memo memories mental menu mercy merit metal meter metro micro midst might minor minus mixed
		model models modern module money monitor month moral motel motor mount mouse mouth moved movie music naked named names nasty nature naval needs nerve never newer newly nights noble noise normal north noted notes novel nurse
		occur ocean offer offers office often older olive onion operate opera option orange orbit order orders organ other ought outer output owned owner oxide ozone packet paint panel panic pants paper parade parent parks parse
		party paste patch patient pause peace pearl perform period person phase phone photo piano piece pilot pitch place plain plane plans plant plate plaza poems poets point polar policy polite portal ports pose post pound power press price
		pride prime print prior prison private prize probe problem process produce product production productions profile profit project promise promote proof prompt proper protect protecting protein protest protocol proud prove proxy public pulse punch pupil purse queen query
		quest quick quiet quite quota quote racing radar radio raise ranch range ranks rapid ratio reach react reader ready realm rebel recent record reduce refer refuse region regular reject relax release rely remain remedy remind remote
		render renew rental repair repeat reply report request require rescue reset resist resolve resort result retail retain retire return reveal review reward rider ridge rifle right rigid rival river road robot rocky roman rooms
		roots rough round route routes royal rugby ruler rules rural saint salad sales salon sample sandy satin sauce saved savings scale scan scene scope score scout scrap script search season second seconds secret
		section sector seeds select senior sense sensor serial series serious serve served service services session settle setting seven severe shade shake shall shape share shared sharp sheet shelf shell shift shine shirt shock shoes
		shoot shops shore short shout shown sight signal silent silly simple since single sixth sixty skill skills slave sleep slice slide slope small smart smell smile smoke snake social solar solid solve sorry sound
		source south space spare spark speak speech speed spell spend spent spice spider spike spine spite split spoke sport spray squad stack staff stage staging stain stairs stake stamp stand stare stars start state
		states static station stats status steal steam steel steep stick stiff still sting stock stolen stone stony stool store storm story stove strap straw stream street stress strict strike string strip stroke strong struck
		student studio study stuff style sugar suite sunny super supply support surely surge swamp swear sweep sweet swept swift swing sword table taken takes tales taste taught taxes teach team teams teeth tempt temple tenth terms
		tested tester tests thank theft their theme there these thick thief thing think third those throw thumb tiger tight timer times tired title today token tokens tomato tonic tooth topic torch total touch tough tours
		tower town toxic trace track trade trail train trained trainer training trait trans trash treat trees trend trial tribe trick tried troop trout truck truly trunk trust truth tutor twice twist ultra uncle under
		union unite unity until upper upset urban urgent usage user usher using usual valid valley value valve vapor vault verify version video views virus visit vital vocal voice voter wagon waist wants waste watch water waves
		weigh weird whale wheat wheel where which while white whole whose widow width wider window windows wiped wires within without woman women world worker worry worse worst worth would wound wrist write wrong wrote yacht yield
		young yours youth zebra

		abord accord achat acier acte acteur action actuel adieu admis agence agent agir aider ailleurs aimable aimer ainsi ajout alarme album aller allure alors ami amour ampleur ancien ancienne angle annee annexe appel apport apprendre
		apprenti approche arbre argent arme armee arret arriere arrive arriver article assez assis assurer atelier atout attente attention aucun audit autant auteur autre avance avant avenir avion avis avocat avoir avril baisse balle banane
		bande banque barre base bases bateau beaucoup beaute besoin bidon bille bilan blanc bleu bloc boite bonne bord bouche boucle bouger boule bourse bout branche bras brave brique bruit bureau cabine cache cadre calcul calme camion
		canal canard caisse capable capital carre carte cas casse cause celle celles celui centre cercle certain cesser chacun chaine chaise chaleur chambre champ chance changement chant chaque charge charger charte chasse chat chaud chef
		chemin cher cherche cheval chez chien chiffre choix choisir chose ciel cinema citron clair classe clef client clients climat coder coeur coffre coin colis colle collegue colline colonne combat commande comme commencer comment
		commerce commun compagnie comprendre compta comptable compte compter conduire confiance confier confirmer conge connaitre conseil considere consigne constat consulter contact contenir content contenu conte contexte continuer
		contrat contre controle convient copain corps correct cote couleur coup couper cour courage courant courir cours course court cout couvert craindre crayon creme crise croire croix cuisine curieux dame danger danse date
		debat debout debut debuter decembre decider decision declare defaut defense degre dehors dejeuner demain demande demandent demander demandes demeure demi demie demo dent depart dernier derniere descendre dessert dessin dessus
		detail dette deuil devant devenir devis devoir dieu difficile dimanche dire direct direction diriger discret disparu diviser doigt dois doit domaine donc donner dont dormir dossier double doux douze drame droit duree durer
		echelle ecole ecouter ecran ecrire effet effort egal eglise eleve element elle emploi employe encore endroit energie enfant enfin ennemi enorme ensuite entendre enterre entier entiere entrainer entraineur entre entree entreprise entrer envie envoi
		envoyer epaule epoque equipe erable erreur espace espece espoir essai essayer essence estime etage etang etape etat etoile etrange etude etudier europe eux evenement eviter exact examen exemple exister expert expliquer
		exterieur fable facade face facile facon facture faible faim fatigue faute faveur femme fenetre ferme fermer fete feuille fevrier fiable fichier fier fille film fils finance finir fixer flamme fleur fleuve foire fois folie
		fonction fond fonds force foret forme former formes formee formation fort forte foule four frais franc frapper frere froid front fruit fumee futur gagner galerie garage garcon garde garder gauche geant general genre
		gens gerer geste glace gloire gouter grace gras grave grille gris gros groupe guerre guide guise habit habiter haine hasard haut haute hauteur herbe hesiter heure heureux hier histoire hiver homme honneur honte hopital
		horaire hotel hotes huile humain humeur idee ignorer image imaginer immeuble impot indice infini inquiet instant interet intranet inutile inviter jamais jambe janvier jardin jaune jeter jeudi jeune joie joli joue jouer jouet
		jour journal journee juge juger juillet juin jupe jurer jusque juste justice labo laisser lait lampe langue large larme lecon lecteur lecture legume lent lettre lever levre liberte libre lien liens ligne limite linge lire
		lisse liste livre livrer local locale locales loger logique loi loin long longue louer lourd lumiere lundi lune lutte machine magasin magie main maire maison maitre majeur malade malgre manche manger manie maniere manquer
		marche marcher mardi marge mari marier marin marque marron mars masse masque matiere matin mauvais meilleur melange membre meme menace menage mener mensonge menton mentir merci mercredi mere merite message mesure mettre
		meuble midi mieux milieu mince mine mineur minuit minute miroir misere mobile mode modere moderne modeste moins mois moitie moment monde monsieur montagne montant monter montre montrer morale morceau mordre mort moteur
		mouche mourir mousse moyen moyens mur muscle musee musique mystere naitre nation nature naturel naviguer navire neige nerf neuve neveu niveau nocturne noeud noir nombre nombreux nommer nord norme note noter notion
		nouer nourrir nuage nuire nuit numero objet obtenir occuper octobre odeur oeil oeuvre officier offre offrir oiseau ombre oncle opera opinion orage orange ordre ordures oreille organe orgueil orner oser oublier
		ouest outil ouvert ouvrir page paie pain paire paix palais panne papier paquet paraitre parc pareil parent parfait parfois parler parole part partage partager partez parti partie partir partout passage passager passant
		passe passe patron pauvre payer pays paysage peau peine peindre penser perdre pere permis permettre personne peser petit peuple peur phrase piano piece pied pierre piste place placer plafond plage plaindre plaire plaisir
		plan planche plante plat plein pleurer pluie plupart poche poeme poesie poids poil poing point pointe poire poisson poitrine poli police politique pomme porte porter portier poser possible poste potage pouce poule
		poumon pourtant pousser poussiere pouvoir pratique preciser prefere premier prendre presence present presque presse prestation preter preuve prevenir prevoir prevoyez prier priere prince principal principe prison prive prix probleme proche
		produire produit profit profiter profond programme progres projet promener promesse promettre propos propre protecteur protocole provenir province public puissance punir quai qualite quand quart quartier queue quitter
		racine raconter radio rage raide raison ramener rang ranger rapide rapport rapporter rare rater rayon reagir realite recent recevoir recherche recit recolte reconnaitre recours recu reculer reduire reel reference reflet
		refuser regard regarder regime region registre regle regler regret reine rejeter rejoindre relation relever religion remarque remarquer remede remettre remplace remplacer remplit remplir remuer rencontre rendre renseigner rentrer
		repas repeter repondre reponse reposer reprendre reprise representer reseau reserve resister resoudre respect respirer ressembler ressort reste rester retard retenir retirer retour retourner retrouver reunion reunir reussir
		revanche reve reveil reveler revenir revenu rever revoir riche rideau rien rire risque rival riviere robe roche roman rompre rond rose roue rouge rouler route royal ruban rude ruine ruse sable sabre sage saisir saison
		salade salaire sale salle salon salut samedi sang sante satisfaire sauce saut sauter sauvage sauver savant savoir savon scene science seance second secondes secours secret secretaire secteur securite sejour semaine
		sembler semer sens sensible sentier sentir separer septembre serie serieux serrer servante service servir seuil seul severe siecle siege signal signe signer silence simple singe situation social societe soeur soif soin
		soir soldat soleil solide solution sombre somme sommeil sommet songer sonner sort sorte sortie sortir souci soudain souffle souffrir souhait soulever soupe source sourd sourire souris soutenir souvenir souvent special
		spectacle station statue studio style subir succes sucre sueur suffire suite suivre sujet superieur support supporter supports supposer surface surprendre surtout surveiller survie survivre symbole systeme table tableau
		tache tailler tailles taire talent talon tante tapis tard tasse taureau temoin tempete temple temps tendre tenir tenter tenue terme terminer terrain terre terreur tete texte theatre theorie tigre timide tirer tissu titre toile
		toit tombe tomber tonne torche tort toucher toujours tour tourner tousser tracer train trait traite traiter trajet tranche transport travail travailler traverser tresor tribu triste tromper trone trop trou trouble troupe
		trouver tuer tuyau type unir unite univers urgence usage usine utile vacances vache vague vaincre valeur valise vallee valoir vapeur vaste veille veiller veilleur vendre vendredi venger venir vente ventre verite verre vers verser
		vert vertu veste vetement veuf viande victime vide vieille vieux vigne village ville vin virage virtuose visage viser visible vision visite visiter vitesse vitre vivant vivre voeu voie voile voir voisin voiture voix voler volet
		volonte volume vouloir voyage voyager vrai vraiment zone

		accounting analytics archive artifact backend beta billing blog broker builder calendar catalog catalogue checkout chatbot console crawler customer dashboard dataset demo dev docs edge editor elastic engine events exporter
		finance firewall forum frontend gateway grafana helpdesk history hooks intake inventory invoice ledger legacy logger logging loki mailer mailing mapping metric metrics minecraft mirror mobile monolith notify nightly notebook
		orders parser partner payment payments payroll planner player plugin portail portal preprod preview printer producer prometheus publisher puppet queue radius recette redirect registry relay replay reporting reports router runner sandbox scanner
		scheduler scraper search sentry shop simple sonar sprint stage staging storefront stream survey sync syslog tenant terminal ticket tickets timer tracker tracking training tunnel tutorial uploads vision voice wallet warehouse weather webshop
		webhook wiki workshop zeus
		`) {
		m[fold(w)] = true
	}
	return m
}()

// misspelt holds the usual misspellings that are too short, or too far from the right word, to be recognised as such.
var misspelt = []vocable{
	{clCreate, "", 0, "cre|crer|creer|cree-moi|criez|creat|craete|cretae|creaet|depoy|deloy|deplpoy"},
	{clNamed, "", 0, "nome|nomee|nomes|nomez|nomer|apele|apelle|apelee|apellee|appelle|namd|nammed|caled|calld|caleld"},
	{clWith, "", 0, "avc|avce|aevc|aveq|wiht|whit|wih|wtih|iwth"},
	{clFrom, "", 0, "form template|frm|fron|frome|depui|depuit|dpeuis|a partire de|a partire du|apartir de|apartir du|appartir de|appartir du"},
	{clMachine, "", 0, "machin virtuelle|machins virtuelles|machine virtuel|machines virtuels|virtual machin|virtal machine|serveru|sever|serveurr|servr"},
	{clTemplate, "", 0, "tmpl|tmplt|tplt|templte|temlpate|tempate"},
	{clMemory, "", 0, "memoir|memoirs|memry|memori|memoryy"},
	{clCores, "", 0, "coers|ceours|coer|ceour"},
	{clDisk, "", 0, "disqe|disk|dsk|disuqe"},
}
