//! What `#[entity(…)]` says, read once.

use proc_macro2::Span;
use syn::parse::{Parse as _, ParseStream};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned as _;
use syn::{
    Attribute, Data, DeriveInput, Field, Fields, Ident, LitStr, Path, Result, Token, Type,
    Visibility, parenthesized,
};

/// A struct to be mapped.
pub struct EntityInput {
    pub name: Ident,
    pub visibility: Visibility,
    pub table: Path,
    pub table_name: String,
    pub draft: Ident,
    pub validate: bool,
    pub icon: Option<String>,
    pub unique: Vec<Vec<Ident>>,
    pub relations: Vec<RelationInput>,
    pub columns: Vec<ColumnInput>,
}

/// `has_one(name: Entity.field)`, `has_many(name: Entity.field, order = …)` or
/// `many_to_many(name: Entity, through = Link(field, field), order = …)`
pub struct RelationInput {
    pub name: Ident,
    pub entity: Path,
    pub kind: RelationKind,
    pub order: Vec<OrderTerm>,
}

pub enum RelationKind {
    HasOne { field: Ident },
    HasMany { field: Ident },
    ManyToMany { link: Path, from: Ident, to: Ident },
}

/// `field` or `field desc`
pub struct OrderTerm {
    pub field: Ident,
    pub is_descending: bool,
}

/// A field to be mapped.
#[expect(clippy::struct_excessive_bools, reason = "each is one independent attribute")]
pub struct ColumnInput {
    pub name: Ident,
    pub visibility: Visibility,
    pub ty: Type,
    pub docs: Vec<Attribute>,
    pub span: Span,
    pub is_key: bool,
    pub is_label: bool,
    pub is_searched: bool,
    pub is_unique: bool,
    pub fill: Fill,
    pub reference: Option<ReferenceInput>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Fill {
    Draft,
    Generated,
    Computed,
    Now,
    Updated,
    Deleted,
    Version,
}

/// `references(Entity, on_delete = …, orphan = …, as = …)`
pub struct ReferenceInput {
    pub entity: Path,
    pub on_delete: Ident,
    pub orphan: Ident,
    pub name: Ident,
}

impl EntityInput {
    pub fn parse(input: &DeriveInput) -> Result<Self> {
        let Data::Struct(data) = &input.data else {
            return Err(syn::Error::new(input.span(), "an entity is a struct with named fields"));
        };
        let Fields::Named(fields) = &data.fields else {
            return Err(syn::Error::new(input.span(), "an entity is a struct with named fields"));
        };
        if !input.generics.params.is_empty() {
            return Err(syn::Error::new(input.generics.span(), "an entity has no generics"));
        }
        let mut table = None;
        let mut table_name = None;
        let mut draft = Ident::new(&format!("New{}", input.ident), input.ident.span());
        let mut validate = false;
        let mut icon = None;
        let mut unique = Vec::new();
        let mut relations = Vec::new();
        for attribute in own(&input.attrs) {
            attribute.parse_nested_meta(|meta| {
                if meta.path.is_ident("table") {
                    table = Some(meta.value()?.parse::<Path>()?);
                } else if meta.path.is_ident("table_name") {
                    table_name = Some(meta.value()?.parse::<LitStr>()?.value());
                } else if meta.path.is_ident("draft") {
                    draft = meta.value()?.parse()?;
                } else if meta.path.is_ident("validate") {
                    validate = true;
                } else if meta.path.is_ident("icon") {
                    icon = Some(meta.value()?.parse::<LitStr>()?.value());
                } else if meta.path.is_ident("unique") {
                    let content;
                    parenthesized!(content in meta.input);
                    let fields: Punctuated<Ident, Token![,]> =
                        content.parse_terminated(Ident::parse, Token![,])?;
                    unique.push(fields.into_iter().collect());
                } else if let Some(parse) = relation_parser(&meta.path) {
                    let content;
                    parenthesized!(content in meta.input);
                    relations.push(parse(&content)?);
                } else {
                    return Err(meta.error(
                        "expected table, table_name, draft, validate, icon, unique(…), has_one(…), \
                         has_many(…) or many_to_many(…)",
                    ));
                }
                Ok(())
            })?;
        }
        let table = table.ok_or_else(|| {
            syn::Error::new(input.ident.span(), "say the table: #[entity(table = schema::users)]")
        })?;
        let table_name =
            table_name.or_else(|| table.segments.last().map(|segment| segment.ident.to_string()));
        let columns = fields.named.iter().map(ColumnInput::parse).collect::<Result<Vec<_>>>()?;
        if !columns.iter().any(|column| column.is_key) {
            return Err(syn::Error::new(
                input.ident.span(),
                "mark the primary key's field: #[entity(key)]",
            ));
        }
        check_names(&columns, &relations)?;
        Ok(Self {
            name: input.ident.clone(),
            visibility: input.vis.clone(),
            table,
            table_name: table_name.unwrap_or_default(),
            draft,
            validate,
            icon,
            unique,
            relations,
            columns,
        })
    }

    pub fn position(&self, field: &Ident) -> Result<usize> {
        self.columns
            .iter()
            .position(|column| column.name == *field)
            .ok_or_else(|| syn::Error::new(field.span(), format!("no field `{field}`")))
    }
}

impl ColumnInput {
    fn parse(field: &Field) -> Result<Self> {
        let name = field
            .ident
            .clone()
            .ok_or_else(|| syn::Error::new(field.span(), "an entity's fields have names"))?;
        let mut column = Self {
            visibility: field.vis.clone(),
            ty: field.ty.clone(),
            docs: field.attrs.iter().filter(|a| a.path().is_ident("doc")).cloned().collect(),
            span: field.ty.span(),
            is_key: false,
            is_label: false,
            is_searched: false,
            is_unique: false,
            fill: Fill::Draft,
            reference: None,
            name,
        };
        for attribute in own(&field.attrs) {
            attribute.parse_nested_meta(|meta| {
                if meta.path.is_ident("key") {
                    column.is_key = true;
                } else if meta.path.is_ident("generated") {
                    column.fill = Fill::Generated;
                } else if meta.path.is_ident("computed") {
                    column.fill = Fill::Computed;
                } else if meta.path.is_ident("version") {
                    column.fill = Fill::Version;
                } else if meta.path.is_ident("updated") {
                    column.fill = Fill::Updated;
                } else if meta.path.is_ident("deleted") {
                    if !column.is_optional() {
                        return Err(meta.error("the time of a deletion is an `Option`"));
                    }
                    column.fill = Fill::Deleted;
                } else if meta.path.is_ident("now") {
                    column.fill = Fill::Now;
                } else if meta.path.is_ident("label") {
                    column.is_label = true;
                } else if meta.path.is_ident("search") {
                    column.is_searched = true;
                } else if meta.path.is_ident("unique") {
                    column.is_unique = true;
                } else if meta.path.is_ident("references") {
                    column.reference = Some(parse_reference(&meta, &column.name)?);
                } else {
                    return Err(meta.error(
                        "expected key, generated, computed, version, now, updated, deleted, label, search, unique or references(…)",
                    ));
                }
                Ok(())
            })?;
        }
        Ok(column)
    }

    /// Returns the name of the field's constant: `AUTHOR_ID`.
    pub fn constant(&self) -> Ident {
        Ident::new(&self.name.to_string().to_uppercase(), self.name.span())
    }

    pub fn is_optional(&self) -> bool {
        matches!(&self.ty, Type::Path(path)
            if path.path.segments.last().is_some_and(|segment| segment.ident == "Option"))
    }

    pub fn is_text(&self) -> bool {
        matches!(&self.ty, Type::Path(path)
            if path.path.segments.last().is_some_and(|segment| segment.ident == "String"))
    }
}

/// Returns the function that reads the rest of a relation's attribute.
fn relation_parser(path: &Path) -> Option<fn(ParseStream<'_>) -> Result<RelationInput>> {
    if path.is_ident("has_one") {
        Some(parse_has_one)
    } else if path.is_ident("has_many") {
        Some(parse_has_many)
    } else if path.is_ident("many_to_many") {
        Some(parse_many_to_many)
    } else {
        None
    }
}

fn parse_has_one(content: ParseStream<'_>) -> Result<RelationInput> {
    let (name, entity, field) = parse_child(content)?;
    if !content.is_empty() {
        return Err(content.error("expected `)`: has_one(name: Entity.field)"));
    }
    Ok(RelationInput { name, entity, kind: RelationKind::HasOne { field }, order: Vec::new() })
}

fn parse_has_many(content: ParseStream<'_>) -> Result<RelationInput> {
    let (name, entity, field) = parse_child(content)?;
    let mut order = Vec::new();
    while next_option(content)? {
        let option: Ident = content.parse()?;
        if option != "order" {
            return Err(syn::Error::new(option.span(), "expected order"));
        }
        order = parse_order(content)?;
    }
    Ok(RelationInput { name, entity, kind: RelationKind::HasMany { field }, order })
}

fn parse_many_to_many(content: ParseStream<'_>) -> Result<RelationInput> {
    let name: Ident = content.parse()?;
    content.parse::<Token![:]>()?;
    let entity = content.parse()?;
    let mut through = None;
    let mut order = Vec::new();
    while next_option(content)? {
        let option: Ident = content.parse()?;
        if option == "through" {
            content.parse::<Token![=]>()?;
            let link = content.parse()?;
            let fields;
            parenthesized!(fields in content);
            let from = fields.parse()?;
            fields.parse::<Token![,]>()?;
            let to = fields.parse()?;
            if !fields.is_empty() {
                return Err(fields.error("expected two fields: through = Link(own_id, other_id)"));
            }
            through = Some(RelationKind::ManyToMany { link, from, to });
        } else if option == "order" {
            order = parse_order(content)?;
        } else {
            return Err(syn::Error::new(option.span(), "expected through or order"));
        }
    }
    let kind = through.ok_or_else(|| {
        syn::Error::new(name.span(), "say the table between: through = Link(own_id, other_id)")
    })?;
    Ok(RelationInput { name, entity, kind, order })
}

/// Parses `name: Entity.field`.
fn parse_child(content: ParseStream<'_>) -> Result<(Ident, Path, Ident)> {
    let name = content.parse()?;
    content.parse::<Token![:]>()?;
    let entity = content.parse()?;
    content.parse::<Token![.]>()?;
    Ok((name, entity, content.parse()?))
}

/// Returns whether another `, option = …` follows.
fn next_option(content: ParseStream<'_>) -> Result<bool> {
    Ok(content.parse::<Option<Token![,]>>()?.is_some() && !content.is_empty())
}

/// Parses `= field`, `= field desc` or `= (field, field desc)`.
fn parse_order(content: ParseStream<'_>) -> Result<Vec<OrderTerm>> {
    content.parse::<Token![=]>()?;
    if content.peek(syn::token::Paren) {
        let fields;
        parenthesized!(fields in content);
        let terms: Punctuated<OrderTerm, Token![,]> =
            fields.parse_terminated(parse_order_term, Token![,])?;
        return Ok(terms.into_iter().collect());
    }
    Ok(vec![parse_order_term(content)?])
}

fn parse_order_term(content: ParseStream<'_>) -> Result<OrderTerm> {
    let field = content.parse()?;
    let direction: Option<Ident> = content.parse()?;
    let is_descending = match &direction {
        None => false,
        Some(word) if word == "asc" => false,
        Some(word) if word == "desc" => true,
        Some(word) => return Err(syn::Error::new(word.span(), "expected asc or desc")),
    };
    Ok(OrderTerm { field, is_descending })
}

/// Checks that every relation has a name, and a constant, of its own.
fn check_names(columns: &[ColumnInput], relations: &[RelationInput]) -> Result<()> {
    let references = columns.iter().filter_map(|column| {
        let reference = column.reference.as_ref()?;
        Some((&reference.name, reference.name == column.name))
    });
    let others = relations.iter().map(|relation| (&relation.name, false));
    let mut known: Vec<&Ident> = Vec::new();
    for (name, is_its_own_field) in references.chain(others) {
        if known.contains(&name) {
            let message = format!("there is another relation `{name}`: call one otherwise");
            return Err(syn::Error::new(name.span(), message));
        }
        if !is_its_own_field && columns.iter().any(|column| column.name == *name) {
            let message = format!("there is a field `{name}`: call the relation otherwise");
            return Err(syn::Error::new(name.span(), message));
        }
        known.push(name);
    }
    Ok(())
}

fn parse_reference(meta: &syn::meta::ParseNestedMeta<'_>, field: &Ident) -> Result<ReferenceInput> {
    let content;
    parenthesized!(content in meta.input);
    let entity = content.parse()?;
    let mut on_delete = Ident::new("restrict", field.span());
    let mut orphan = Ident::new("keep", field.span());
    let short = field.to_string();
    let short = short.strip_suffix("_id").unwrap_or(&short);
    let mut name = Ident::new(short, field.span());
    while content.parse::<Option<Token![,]>>()?.is_some() && !content.is_empty() {
        if content.parse::<Option<Token![as]>>()?.is_some() {
            content.parse::<Token![=]>()?;
            name = content.parse()?;
        } else {
            let key: Ident = content.parse()?;
            content.parse::<Token![=]>()?;
            if key == "on_delete" {
                on_delete = one_of(content.parse()?, &["restrict", "cascade", "set_null"])?;
            } else if key == "orphan" {
                orphan = one_of(content.parse()?, &["keep", "delete"])?;
            } else {
                return Err(syn::Error::new(key.span(), "expected on_delete, orphan or as"));
            }
        }
    }
    Ok(ReferenceInput { entity, on_delete, orphan, name })
}

fn one_of(word: Ident, expected: &[&str]) -> Result<Ident> {
    if expected.iter().any(|expected| word == expected) {
        return Ok(word);
    }
    Err(syn::Error::new(word.span(), format!("expected {}", expected.join(", "))))
}

fn own(attributes: &[Attribute]) -> impl Iterator<Item = &Attribute> {
    attributes.iter().filter(|attribute| attribute.path().is_ident("entity"))
}
