"""Who may open which address: the specification that `test_access.py` walks.

One letter per role: U user, C correspondent, A account manager, S security officer, D data-protection officer,
M manager, I integrator, N administrator; « * » is everyone who is signed in, « public » needs no sign-in,
« nobody » is no role at all. Who is not named gets 403 or 404; nobody but « public » gets in without signing in;
nobody of another partner gets to anything that is named here in braces.

Tickets, nearer and nearer to the user of the walk, who works at « accueil » and at « insertion »:
`{elsewhere}`      a question filed at another structure by somebody else
`{colleague}`      … at « accueil », whose people do not see one another's tickets
`{neighbour}`      … at « insertion », whose people do
`{own}`            … by the user
`{request}`        an access request of the user
`{ongoing}`        an interruption that everyone may join
`{unshared}`       an incident about the API that the publisher of the walk looks after
`{shared}`         the same, filed by the user and shared with publishers
`{other_api}`      an incident shared with publishers, about an API that is not this one's
`{case}`           a security case that the user flagged
`{foreign_case}`   a security case of somebody else, opened by name to the account manager
`{answered}`       a question that has its answer

`{own_file}`, `{case_file}`… are a file of each, `{internal_file}` one of `{own}` for those who answer. The other
things: `{article}` about an API, `{tool_article}` about another tool, `{desk_article}` for correspondents,
`{draft_article}`; `{image}` and `{desk_image}` of the first and third; `{announcement}` for « accueil »,
`{other_announcement}` for another structure (the publisher's), `{draft_announcement}`; `{feed}` a secret link;
`{person}` the user's account, `{absence}` theirs.
"""

from __future__ import annotations

from app.accounts.policy import Role

LETTERS = {
    "U": Role.USER,
    "C": Role.CORRESPONDENT,
    "A": Role.ACCOUNT_MANAGER,
    "S": Role.SECURITY_OFFICER,
    "D": Role.DATA_PROTECTION_OFFICER,
    "M": Role.MANAGER,
    "I": Role.INTEGRATOR,
    "N": Role.ADMINISTRATOR,
}

TABLE = """
GET  /                                               *
GET  /connexion                                      public
POST /connexion                                      public
GET  /connexion/code                                 public
POST /connexion/code                                 public
GET  /connexion/second-facteur                       public
POST /connexion/second-facteur                       public
GET  /connexion/mot-de-passe-oublie                  public
POST /connexion/mot-de-passe-oublie                  public
GET  /connexion/nouveau-mot-de-passe/jeton           public
POST /connexion/nouveau-mot-de-passe/jeton           public
GET  /invitation/jeton                               public
POST /invitation/jeton                               public
GET  /connexion/reprise/brouillon                    *
POST /connexion/reprise/brouillon                    *
GET  /confirmation                                   *
POST /confirmation                                   *
GET  /session                                        *
POST /session                                        *
POST /deconnexion                                    public
GET  /partenaire                                     *
POST /partenaire                                     *
GET  /mon-compte                                     *
POST /mon-compte                                     *
GET  /mon-compte/second-facteur                      *
POST /mon-compte/second-facteur                      *
POST /mon-compte/second-facteur/retrait              *
POST /mon-compte/codes-de-secours                    *
GET  /mon-compte/sessions                            *
POST /mon-compte/sessions/fin                        *
GET  /static/js/app.js                               public
GET  /administration/taches                           N
GET  /journal-technique                              S
GET  /journal-technique/export.csv                   S

GET  /courrier                                       C S
GET  /courrier/traites                               C S
GET  /courrier/{mail}                                C
GET  /courrier/{mail}/original                       C
POST /courrier/{mail}/reponse-ft                     C
POST /courrier/{mail}/commentaire                    C
POST /courrier/{mail}/sollicitation                  C
POST /courrier/{mail}/rejet                          C

GET  /recherche                                      *
POST /recherche/sans-reponse                         *

GET  /sollicitations                                 *
GET  /sollicitations/export.csv                      *
POST /sollicitations/filtres                         *
POST /sollicitations/filtres/suppression             *
POST /sollicitations/attribution                     C A S D
GET  /sollicitations/regroupement                    C A S D
POST /sollicitations/regroupement                    C A S D
GET  /sollicitations/nouvelle                        U C A S D M N
POST /sollicitations/nouvelle                        U C A S D M N
POST /sollicitations/nouvelle/reponses               U C A S D M N
POST /sollicitations/nouvelle/reponse-trouvee        U C A S D M N
POST /sollicitations/nouvelle/reprise                U C A S D M N

GET  /sollicitations/{elsewhere}                     C M
GET  /sollicitations/{colleague}                     C M
GET  /sollicitations/{neighbour}                     U C M
GET  /sollicitations/{own}                           U C M
GET  /sollicitations/{request}                       U C A M
GET  /sollicitations/{unshared}                      C M
GET  /sollicitations/{shared}                        U C M I
GET  /sollicitations/{other_api}                     C M
GET  /sollicitations/{case}                          U S
GET  /sollicitations/{foreign_case}                  A S

GET  /pieces/{elsewhere_file}                        C M
GET  /pieces/{colleague_file}                        C M
GET  /pieces/{neighbour_file}                        U C M
GET  /pieces/{own_file}                              U C M
GET  /pieces/{internal_file}                         C M
GET  /pieces/{request_file}                          U C A M
GET  /pieces/{unshared_file}                         C M
GET  /pieces/{shared_file}                           U C M I
GET  /pieces/{other_api_file}                        C M
GET  /pieces/{case_file}                             S
GET  /pieces/{foreign_case_file}                     A S

GET  /sollicitations/{elsewhere}/actes/commentaire   C
POST /sollicitations/{elsewhere}/actes/commentaire   C
GET  /sollicitations/{neighbour}/actes/commentaire   C
POST /sollicitations/{neighbour}/actes/commentaire   C
GET  /sollicitations/{own}/actes/commentaire         U C
POST /sollicitations/{own}/actes/commentaire         U C
GET  /sollicitations/{shared}/actes/commentaire      U C I
POST /sollicitations/{shared}/actes/commentaire      U C I
GET  /sollicitations/{unshared}/actes/commentaire    C
POST /sollicitations/{other_api}/actes/commentaire   C
GET  /sollicitations/{request}/actes/commentaire     U C A
GET  /sollicitations/{case}/actes/commentaire        S
POST /sollicitations/{case}/actes/commentaire        S
GET  /sollicitations/{foreign_case}/actes/commentaire               A S
POST /sollicitations/{foreign_case}/actes/commentaire               A S
GET  /sollicitations/{own}/actes/ca-remarche         U C
POST /sollicitations/{own}/actes/ca-remarche         U C
POST /sollicitations/{elsewhere}/actes/ca-remarche   C
POST /sollicitations/{neighbour}/actes/ca-remarche   C
POST /sollicitations/{case}/actes/ca-remarche        S
GET  /sollicitations/{own}/actes/piece               U C
POST /sollicitations/{elsewhere}/actes/piece         C
POST /sollicitations/{case}/actes/piece              S
GET  /sollicitations/{own}/actes/reponse             C
POST /sollicitations/{own}/actes/reponse             C
GET  /sollicitations/{elsewhere}/actes/reponse       C
GET  /sollicitations/{request}/actes/reponse         C A
POST /sollicitations/{request}/actes/prise-en-main   C A
GET  /sollicitations/{case}/actes/reponse            S
POST /sollicitations/{case}/actes/prise-en-main      S
POST /sollicitations/{case}/actes/classement         S
POST /sollicitations/{case}/actes/cloture            S
POST /sollicitations/{foreign_case}/actes/reponse    S
GET  /sollicitations/{shared}/actes/partage-editeurs C
GET  /sollicitations/{shared}/actes/identifiant      C
POST /sollicitations/{shared}/actes/identifiant      C
GET  /sollicitations/{own}/evenements/1/correction   C
POST /sollicitations/{own}/evenements/1/correction   C
GET  /sollicitations/{elsewhere}/evenements/1/correction            C
GET  /sollicitations/{case}/evenements/1/correction  S
POST /sollicitations/{case}/evenements/1/correction  S
GET  /sollicitations/{ongoing}/moi-aussi             U C A S D M N
POST /sollicitations/{ongoing}/moi-aussi             U C A S D M N
POST /sollicitations/{ongoing}/moi-aussi/precision   U C A S D M N
GET  /sollicitations/{elsewhere}/moi-aussi           nobody
POST /sollicitations/{elsewhere}/moi-aussi           nobody
POST /sollicitations/{case}/moi-aussi                nobody
POST /sollicitations/{case}/moi-aussi/precision      nobody

GET  /sollicitations/{own}/prediagnostic             C
POST /sollicitations/{own}/prediagnostic             C
GET  /sollicitations/{elsewhere}/prediagnostic       C
GET  /sollicitations/{request}/prediagnostic         C A
GET  /sollicitations/{case}/prediagnostic            S
POST /sollicitations/{case}/prediagnostic            S
GET  /sollicitations/{shared}/transmission           C
POST /sollicitations/{shared}/transmission           C
GET  /sollicitations/{elsewhere}/transmission        C
GET  /sollicitations/{case}/transmission             S
POST /sollicitations/{case}/transmission             S

POST /sollicitations/{elsewhere}/annonce             C
POST /sollicitations/{case}/annonce                  nobody
POST /sollicitations/{ongoing}/annonce               C
GET  /annonces                                       *
GET  /annonces/nouvelle                              C
POST /annonces/nouvelle                              C
GET  /annonces/{announcement}                        U C M
GET  /annonces/{other_announcement}                  C M I
GET  /annonces/{draft_announcement}                  C
GET  /annonces/{announcement}/modification           C
POST /annonces/{announcement}/modification           C
GET  /annonces/{announcement}/actes/nouvelle         C
POST /annonces/{announcement}/actes/nouvelle         C
GET  /annonces/{draft_announcement}/modification     C
POST /annonces/{announcement}/lecture                U C M
POST /annonces/{other_announcement}/lecture          C M I
POST /annonces/{draft_announcement}/lecture          C
GET  /mon-compte/annonces                            *
POST /mon-compte/annonces/lien                       *
POST /mon-compte/annonces/lien/suppression           *
GET  /annonces/flux/{feed}/annonces.atom             public
GET  /annonces/flux/{feed}/annonces.ics              public
GET  /services                                       *

GET  /documentation                                  *
GET  /documentation/{article}                        *
GET  /documentation/{tool_article}                   U C A S D M N
GET  /documentation/{desk_article}                   C A S D M N
GET  /documentation/{draft_article}                  C
POST /documentation/{article}/utile                  *
POST /documentation/{desk_article}/utile             C A S D M N
POST /documentation/{draft_article}/utile            C
GET  /documentation/images/{image}                   *
GET  /documentation/images/{desk_image}              C A S D M N
GET  /documentation/{article}/versions               C A S D M N
GET  /documentation/{article}/versions/1             C A S D M N
GET  /documentation/{draft_article}/versions         C
GET  /documentation/{draft_article}/versions/1       C
GET  /documentation/a-relire                         C A S D M N
GET  /documentation/nouvel-article                   C
POST /documentation/nouvel-article                   C
GET  /documentation/nouvel-article/{answered}        C
POST /documentation/nouvel-article/{answered}        C
GET  /documentation/nouvel-article/{elsewhere}       C
GET  /documentation/nouvel-article/{case}            nobody
POST /documentation/nouvel-article/{case}            nobody
POST /documentation/apercu                           C
POST /documentation/images                           C
GET  /documentation/{article}/modification           C
POST /documentation/{article}/modification           C
POST /documentation/{article}/etat                   C
POST /documentation/{article}/versions/1/retablissement             C
GET  /documentation/recherches                       C
POST /documentation/recherches                       C
POST /documentation/export                           C
GET  /documentation/import                           C
POST /documentation/import                           C
POST /documentation/import/{archive}                 C

GET  /echeances                                      *
GET  /administration                                 C A S D M N
GET  /administration/partenaire                      C A S D M N
GET  /administration/partenaire/identite             N
POST /administration/partenaire/identite             N
GET  /administration/partenaire/heures               N
POST /administration/partenaire/heures               N
GET  /administration/heures                          C A S D M N
GET  /administration/fermetures/nouvelle             N
POST /administration/fermetures/nouvelle             N
GET  /administration/fermetures/1                    N
POST /administration/fermetures/1                    N
POST /administration/fermetures/1/suppression        N
GET  /administration/securite                        C A S D M N
POST /administration/securite/ouverture              N
GET  /administration/modifications                   C A S D M N
GET  /administration/structures                      C A S D M N
GET  /administration/structures.csv                  N
GET  /administration/structures-modele.csv           N
GET  /administration/nouvelle-structure              N
POST /administration/nouvelle-structure              N
GET  /administration/structures/accueil              N
POST /administration/structures/accueil              N
GET  /administration/import-structures               N
POST /administration/import-structures               N
GET  /administration/import-structures/{import}      N
POST /administration/import-structures/{import}      N
GET  /administration/import-structures/{import}/erreurs.csv         N
GET  /administration/catalogue                       C A S D M N
GET  /administration/catalogue/plateformes/nouvelle  N
POST /administration/catalogue/plateformes/nouvelle  N
GET  /administration/catalogue/plateformes/{platform}               N
POST /administration/catalogue/plateformes/{platform}               N
POST /administration/catalogue/plateformes/{platform}/retrait       N
GET  /administration/catalogue/outils/nouveau        N
POST /administration/catalogue/outils/nouveau        N
GET  /administration/catalogue/outils/{tool}         N
POST /administration/catalogue/outils/{tool}         N
POST /administration/catalogue/outils/{tool}/retrait                N
GET  /administration/conventions                     C A S D M N
GET  /administration/nouvelle-convention             N
POST /administration/nouvelle-convention             N
GET  /administration/conventions/{convention}        C A S D M N
GET  /administration/conventions/{convention}/modification          N
POST /administration/conventions/{convention}/modification          N
GET  /administration/conventions/{convention}/engagements/nouveau   N
POST /administration/conventions/{convention}/engagements/nouveau   N
GET  /administration/conventions/{convention}/canaux/1              N
POST /administration/conventions/{convention}/canaux/1              N
POST /administration/conventions/{convention}/canaux/1/retrait      N
GET  /administration/conventions/{convention}/canaux/nouveau        N
POST /administration/conventions/{convention}/canaux/nouveau        N
GET  /administration/conventions/{convention}/contacts/nouveau      N
POST /administration/conventions/{convention}/contacts/nouveau      N
GET  /administration/conventions/{convention}/contacts/1            N
POST /administration/conventions/{convention}/contacts/1            N
GET  /administration/conventions/{convention}/courriels/1           N
POST /administration/conventions/{convention}/courriels/1           N

GET  /administration/comptes                         N
GET  /administration/comptes/export.csv              N
GET  /administration/comptes/nouveau                 N
POST /administration/comptes/nouveau                 N
GET  /administration/comptes/arrivees                N
GET  /administration/comptes/arrivees/{moved}        N
POST /administration/comptes/arrivees/{moved}        N
POST /administration/comptes/arrivees/{moved}/confirmation          N
POST /administration/comptes/arrivees/{mover}/refus  N
GET  /administration/comptes/{person}                N
POST /administration/comptes/{person}/invitation     N
GET  /administration/comptes/{person}/roles/nouveau  N
POST /administration/comptes/{person}/roles/nouveau  N
GET  /administration/comptes/{person}/roles/user@accueil/retrait    N
POST /administration/comptes/{person}/roles/user@accueil/retrait    N
POST /administration/comptes/{person}/roles/user@accueil/retablissement  N
GET  /administration/comptes/{person}/structure      N
POST /administration/comptes/{person}/structure      N
GET  /administration/comptes/{person}/depart         N
POST /administration/comptes/{person}/depart         N
POST /administration/comptes/{person}/depart/annulation             N
GET  /administration/comptes/{person}/retour         N
POST /administration/comptes/{person}/retour         N
GET  /administration/comptes/{person}/absences/nouvelle             N
POST /administration/comptes/{person}/absences/nouvelle             N
POST /administration/comptes/{person}/absences/{absence}/annulation N
GET  /administration/revues                          N
POST /administration/revues                          N
GET  /administration/revues/1                        N
POST /administration/revues/1                        N
POST /administration/revues/1/cloture                N
GET  /administration/revues/1/export.csv             N
GET  /administration/rgc                             A N
GET  /administration/rgc/{manager}/acte              A N
POST /administration/rgc/{manager}/acte              A N
GET  /administration/rgc/avis/{notice}               A N
POST /administration/rgc/avis/{notice}               A N
GET  /mon-compte/messages                            *
POST /mon-compte/messages                            *
GET  /mon-compte/absences                            *
POST /mon-compte/absences                            *
POST /mon-compte/absences/{absence}/annulation       U

GET  /mentions-legales                               public
GET  /donnees-personnelles                           public
GET  /accessibilite                                  public
GET  /plan-du-site                                   public
GET  /aide                                           public
"""


def rows() -> list[tuple[str, str, frozenset[Role] | None]]:
    """(method, address, roles let in), None meaning everyone, signed in or not."""
    read = []
    for line in filter(None, map(str.strip, TABLE.splitlines())):
        method, address, *letters = line.split()
        if letters == ["public"]:
            read.append((method, address, None))
        elif letters == ["nobody"]:
            read.append((method, address, frozenset()))
        elif letters == ["*"]:
            read.append((method, address, frozenset(Role)))
        else:
            read.append((method, address, frozenset(LETTERS[letter] for letter in letters)))
    return read
